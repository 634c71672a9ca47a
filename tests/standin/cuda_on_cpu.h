// What a kernel's CUDA source needs to be a C++ program. MODE 0: one thread, which the compiler knows; 1: blocks of one
// thread each; 2: whole blocks of threads as fibers, which change at __syncthreads.
#include <cmath>
#include <csetjmp>
#include <cstdlib>
#include <ucontext.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __shared__ static
#define __constant__ static

using std::abs; using std::acos; using std::acosh; using std::asin; using std::asinh; using std::atan;
using std::atan2; using std::atanh; using std::cbrt; using std::ceil; using std::copysign; using std::cos;
using std::cosh; using std::erf; using std::exp; using std::exp2; using std::expm1; using std::fabs; using std::floor;
using std::fma; using std::fmax; using std::fmin; using std::fmod; using std::hypot; using std::lgamma;
using std::log; using std::log10; using std::log1p; using std::log2; using std::nextafter; using std::pow;
using std::rint; using std::round; using std::sin; using std::sinh; using std::sqrt; using std::tan; using std::tanh;
using std::tgamma; using std::trunc;
using std::isfinite; using std::isinf; using std::isnan; using std::signbit;

struct uint3 { unsigned x, y, z; };
struct dim3 { unsigned x, y, z; };

static inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
    return (unsigned __int128)a * b >> 64;
}
static inline unsigned __umulhi(unsigned a, unsigned b) { return (unsigned long long)a * b >> 32; }
template <class T> static inline T min(T a, T b) { return b < a ? b : a; }
template <class T> static inline T max(T a, T b) { return a < b ? b : a; }
static inline void __threadfence() {}
static inline void __threadfence_block() {}
#define ATOMIC(name, what) \
    template <class T> static inline T name(T* place, T other) { T old = *place; *place = what; return old; }
ATOMIC(atomicAdd, old + other)
ATOMIC(atomicMax, other > old ? other : old)
ATOMIC(atomicMin, other < old ? other : old)
ATOMIC(atomicExch, other)
ATOMIC(atomicInc, old >= other ? T(0) : old + 1)
template <class T> static inline T atomicCAS(T* place, T is, T other) {
    T old = *place;
    if (old == is) *place = other;
    return old;
}
template <class T> static inline T __ldg(const T* place) { return *place; }

// A launch's geometry, and in which order its blocks and threads run: 0 as they are numbered, 1 backwards, else drawn
// from this seed anew at each barrier. What a launch answers: 0, or the line of a barrier that only some threads of a
// block reached, or minus the line of one at which some wait while others wait at another.
struct Launch { unsigned grid_x, grid_y, block_x, block_y, order; };

#if MODE == 0
static constexpr uint3 blockIdx{0, 0, 0}, threadIdx{0, 0, 0};
static constexpr dim3 gridDim{1, 1, 1}, blockDim{1, 1, 1};
static inline void __syncthreads() {}
template <class F> static int launch(Launch, F kernel) { kernel(); return 0; }
#else
static uint3 blockIdx, threadIdx;
static dim3 gridDim, blockDim;
static unsigned drawn_last;
static inline unsigned draw(unsigned n) {
    drawn_last = drawn_last * 1664525u + 1013904223u;
    return (drawn_last >> 8) % n;
}
static void arrange(unsigned* turn, unsigned n, unsigned order) {
    for (unsigned i = 0; i < n; i++) turn[i] = order == 1 ? n - 1 - i : i;
    if (order > 1) for (unsigned i = n - 1; i > 0; i--) {
        unsigned j = draw(i + 1), held = turn[i];
        turn[i] = turn[j], turn[j] = held;
    }
}
template <class F> static int blocks(Launch how, F block) {
    unsigned n = how.grid_x * how.grid_y;
    unsigned* turn = (unsigned*)malloc(n * sizeof(unsigned));
    gridDim = {how.grid_x, how.grid_y, 1}, drawn_last = how.order;
    arrange(turn, n, how.order);
    int fault = 0;
    for (unsigned i = 0; i < n && !fault; i++) {
        blockIdx = {turn[i] % how.grid_x, turn[i] / how.grid_x, 0};
        fault = block();
    }
    free(turn);
    return fault;
}
#if MODE == 1
static inline void __syncthreads() {}
template <class F> static int launch(Launch how, F kernel) {
    blockDim = {1, 1, 1}, threadIdx = {0, 0, 0};
    return blocks(how, [&] { kernel(); return 0; });
}
#else
// A fiber runs one thread after the other until one comes to a barrier; then another fiber goes on with the rest. When
// none is left to begin, those that wait go on, in the next order. Fibers are kept for the next block. They are entered
// by ucontext once, and changed by _setjmp and _longjmp, which make no system call.
static const unsigned STACK = 65536, MOST = 1024;
struct Fiber { jmp_buf here; ucontext_t first; char* stack; unsigned thread, line; bool waits, entered; void* fake; };
static Fiber* fibers[MOST];
static unsigned turn[MOST], begun, count, ended;
static jmp_buf home;
static Fiber* now;
static void (*body)(void*);
static void* closure;
#ifdef __SANITIZE_ADDRESS__
static void* home_fake; static const void* home_stack; static size_t home_size;
static void leaves(void** fake, const void* stack, size_t size) { __sanitizer_start_switch_fiber(fake, stack, size); }
static void came(void* fake, const void** stack, size_t* size) { __sanitizer_finish_switch_fiber(fake, stack, size); }
#define GO_HOME() (leaves(&now->fake, home_stack, home_size), _longjmp(home, 1))
#define CAME() came(now->fake, &home_stack, &home_size)
#else
#define GO_HOME() _longjmp(home, 1)
#define CAME()
#endif

static void place(unsigned thread) { threadIdx = {thread % blockDim.x, thread / blockDim.x, 0}; }
static void work() {
    CAME();
    for (;;) {
        while (begun < count) {
            now->thread = turn[begun++];
            place(now->thread);
            body(closure);
            ended++;
        }
        if (!_setjmp(now->here)) GO_HOME();
        CAME();
    }
}
static void barrier(unsigned line) {
    Fiber* me = now;
    me->waits = true, me->line = line;
    if (!_setjmp(me->here)) GO_HOME();
    CAME();
    place(me->thread);
}
#define __syncthreads() barrier(__LINE__)

static __attribute__((noinline)) void enter(Fiber* fiber) {
    now = fiber;
    if (_setjmp(home)) {
#ifdef __SANITIZE_ADDRESS__
        came(home_fake, nullptr, nullptr);
#endif
        return;
    }
#ifdef __SANITIZE_ADDRESS__
    leaves(&home_fake, fiber->stack, STACK);
#endif
    if (fiber->entered) _longjmp(fiber->here, 1);
    fiber->entered = true;
    setcontext(&fiber->first);
}
static Fiber* idle() {
    for (unsigned i = 0; i < MOST; i++) {
        if (!fibers[i]) {
            Fiber* fresh = fibers[i] = (Fiber*)calloc(1, sizeof(Fiber));
            fresh->stack = (char*)malloc(STACK);
            getcontext(&fresh->first);
            fresh->first.uc_stack.ss_sp = fresh->stack, fresh->first.uc_stack.ss_size = STACK;
            makecontext(&fresh->first, work, 0);
            return fresh;
        }
        if (!fibers[i]->waits) return fibers[i];
    }
    abort();
}
static int run_block(unsigned order) {
    static Fiber *of[MOST], *waiting[MOST];                     // of each thread; of those that wait, by thread
    arrange(turn, count, order);
    begun = ended = 0;
    while (begun < count) enter(idle());
    for (;;) {
        unsigned n = 0;
        for (unsigned i = 0; i < count; i++) of[i] = nullptr;
        for (unsigned i = 0; i < MOST && fibers[i]; i++) if (fibers[i]->waits) of[fibers[i]->thread] = fibers[i];
        for (unsigned i = 0; i < count; i++) if (of[i]) waiting[n++] = of[i];
        if (!n) return 0;
        int line = waiting[0]->line;
        bool apart = false;
        for (unsigned i = 1; i < n; i++) apart |= (int)waiting[i]->line != line;
        if (ended || apart) {                                   // these fibers never come back
            for (unsigned i = 0; i < MOST; i++) fibers[i] = nullptr;
            return ended ? line : -line;
        }
        arrange(turn, n, order);
        for (unsigned i = 0; i < n; i++) {
            Fiber* next = waiting[turn[i]];
            next->waits = false;
            enter(next);
        }
    }
}
template <class F> static void call(void* kernel) { (*(F*)kernel)(); }
template <class F> static int launch(Launch how, F kernel) {
    blockDim = {how.block_x, how.block_y, 1}, count = how.block_x * how.block_y;
    body = call<F>, closure = &kernel;
    return blocks(how, [&] { return run_block(how.order); });
}
#endif
#endif
