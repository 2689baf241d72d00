#include "shim.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

static int epoll = -1;

int64_t now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_BOOTTIME, &time);
    return (int64_t) time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

int64_t wall_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return (int64_t) time.tv_sec * 1000000000 + time.tv_nsec;
}

void loop_open(void) {
    epoll = epoll_create1(EPOLL_CLOEXEC);
}

void watch_set(struct watch *watch, uint32_t events) {
    if (watch->fd < 0 || watch->events == events) {
        return;
    }
    struct epoll_event event = {.events = events, .data.ptr = watch};
    if (events == 0) {
        epoll_ctl(epoll, EPOLL_CTL_DEL, watch->fd, NULL);
    } else {
        epoll_ctl(epoll, watch->events == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, watch->fd, &event);
    }
    watch->events = events;
}

void watch_close(struct watch *watch) {
    if (watch->fd >= 0) {
        watch_set(watch, 0);
        close(watch->fd);
        watch->fd = -1;
    }
}

void loop_run(void) {
    for (;;) {
        int64_t now = now_ms();
        int64_t wait = processes_tick(now);
        int64_t other = peers_tick(now);
        if (wait < 0 || (other >= 0 && other < wait)) {
            wait = other;
        }
        /* One at a time: what one does may close the watch of another. The kernel takes turns among those that are ready. */
        struct epoll_event event;
        int count = epoll_wait(epoll, &event, 1, (int) wait);
        if (count == 1) {
            struct watch *watch = event.data.ptr;
            watch->ready(watch, event.events);
        } else if (count < 0 && errno != EINTR) {
            abort();
        }
    }
}
