package io.keelson.apiserver.server;

import io.keelson.apiserver.health.HealthCheck;
import io.keelson.apiserver.http.HttpFront;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.rest.RestApi;
import java.time.Duration;

/** How a server stops: it says that it is about to, serves on for a while, and ends what still goes on then. */
final class Shutdown {
    /** How long clients have to read their answers, and to end what lasts, once the requests are served. */
    private static final Duration END_MAX = Duration.ofSeconds(10);

    private final LifetimeSettings lifetime;
    private final Duration requestTimeout;
    private final Farewell farewell = new Farewell();
    private volatile boolean begun;

    Shutdown(ClusterSettings settings) {
        lifetime = settings.lifetime();
        requestTimeout = settings.flow().requestTimeout();
    }

    /** Counts requests before they go on, so that a stop can wait for them. */
    Handler before(Handler next) {
        return farewell.before(next);
    }

    /** Whether it has not begun. */
    HealthCheck check() {
        return new HealthCheck("shutdown", () -> begun ? "the process is shutting down" : null);
    }

    /** Says that it is not ready any more, and gives whoever watches that some time to send requests elsewhere. */
    void begin() throws InterruptedException {
        begun = true;
        Thread.sleep(lifetime.shutdownDelay());
        if (lifetime.shutdownRetryAfter()) {
            farewell.begin();
            farewell.awaitAnswered(requestTimeout);
        }
    }

    /** Takes no more requests, and returns when those that there are have ended, or had their time. */
    void end(HttpFront front, RestApi rest) throws InterruptedException {
        front.stopListening();
        try {
            rest.endWatches(lifetime.watchGrace());
            farewell.awaitAnswered(requestTimeout);
        } finally {
            front.shutdown(END_MAX);
        }
    }
}
