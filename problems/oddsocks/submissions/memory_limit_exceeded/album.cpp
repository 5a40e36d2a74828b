#include <vector>

// Keeps a picture of the whole basket for every sock taken out.
long long odd_sock(const std::vector<long long>& colours) {
    std::vector<std::vector<long long>> album;
    long long left = 0;
    for (long long colour : colours) {
        album.push_back(colours);
        left ^= colour;
        album.back()[0] = left;
    }
    return album.back()[0];
}
