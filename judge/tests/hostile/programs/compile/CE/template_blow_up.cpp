template <class... T> struct List {};
template <class A, class B> struct Join;
template <class... A, class... B> struct Join<List<A...>, List<B...>> { using type = List<A..., B..., List<A, B>...>; };
template <int N> struct Grow { using type = typename Join<typename Grow<N - 1>::type, typename Grow<N - 1>::type>::type; };
template <> struct Grow<0> { using type = List<int, long>; };

Grow<26>::type large;

int main() {}
