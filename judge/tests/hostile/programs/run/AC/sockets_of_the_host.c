#include "hostile.h"

int main(void) {
    struct sockaddr_un name = {AF_UNIX, ""};
    strncpy(name.sun_path, fact("socket"), sizeof name.sun_path - 1);
    IMPOSSIBLE(connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&name, sizeof name));
    memset(name.sun_path, 0, sizeof name.sun_path);
    strcpy(name.sun_path + 1, fact("abstract"));
    socklen_t length = offsetof(struct sockaddr_un, sun_path) + 1 + strlen(fact("abstract"));
    IMPOSSIBLE(connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&name, length));
    const char *paths[] = {"/run/docker.sock", "/var/run/docker.sock", "/run/systemd/private", "/run/dbus/system_bus_socket", "/dev/log"};
    for (int i = 0; i < 5; i++) {
        strcpy(name.sun_path, paths[i]);
        IMPOSSIBLE(connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&name, sizeof name));
    }
    return refused();
}
