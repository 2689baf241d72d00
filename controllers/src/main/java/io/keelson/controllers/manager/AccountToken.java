package io.keelson.controllers.manager;

import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The token of an account, put into each call of a client. It is asked for when the first call needs it, and asked for anew
 * when a fifth of its life is left, by the call that comes first then; the others use the old one meanwhile. A call that is
 * refused with it, as the keys of the API server may have been changed, is sent once more with a new one.
 *
 * <p>Lives are measured by a clock that does not jump, from before the token was asked for. Any thread.
 */
final class AccountToken implements Interceptor {
    /** After how long a token that could not be had is asked for again while the old one is good. */
    private static final Duration PAUSE = Duration.ofSeconds(10);

    private static final Duration ANSWER_MAX = Duration.ofMinutes(2);
    private static final String HEADER = "Authorization";
    private static final String BEARER = "Bearer ";

    private final Source source;
    private final LongSupplier nanos;
    private final AtomicReference<@Nullable Held> held = new AtomicReference<>();
    private final AtomicReference<@Nullable CompletableFuture<Held>> asking = new AtomicReference<>();

    /**
     * What the API gives.
     *
     * @param life how long it is good from now
     */
    record Granted(String token, Duration life) {}

    /** Where tokens come from. */
    @FunctionalInterface
    interface Source {
        /**
         * Asks for a token.
         *
         * @throws RuntimeException if there is none
         */
        Granted ask();
    }

    /** A token; the times are of the clock. */
    private record Held(String token, long renewNanos, long endNanos) {
        Held renewedAt(long time) {
            return new Held(token, time, endNanos);
        }
    }

    /**
     * No token yet.
     *
     * @param nanos a clock that does not jump, as {@link System#nanoTime}
     */
    AccountToken(Source source, LongSupplier nanos) {
        this.source = source;
        this.nanos = nanos;
    }

    /**
     * A token that is good now.
     *
     * @throws RuntimeException if there is none
     */
    String current() {
        Held known = held.get();
        long now = nanos.getAsLong();
        if (known != null && now - known.renewNanos() < 0) {
            return known.token();
        }
        boolean good = known != null && now - known.endNanos() < 0;
        CompletableFuture<Held> own = new CompletableFuture<>();
        CompletableFuture<Held> others = asking.compareAndExchange(null, own);
        if (others != null) {
            return good && known != null ? known.token() : await(others).token();
        }
        try {
            Held latest = held.get();
            // Somebody may have got one between our look and our turn.
            Held fresh = latest != null && !Objects.equals(latest, known) ? latest : ask(now);
            held.set(fresh);
            own.complete(fresh);
            return fresh.token();
        } catch (RuntimeException | Error e) {
            own.completeExceptionally(e);
            if (!good || known == null) {
                throw e;
            }
            held.compareAndSet(known, known.renewedAt(now + PAUSE.toNanos()));
            return known.token();
        } finally {
            asking.set(null);
        }
    }

    private Held ask(long now) {
        Granted granted = source.ask();
        long life = granted.life().toNanos();
        return new Held(granted.token(), now + life / 5 * 4, now + life);
    }

    private static Held await(CompletableFuture<Held> others) {
        try {
            return others.get(ANSWER_MAX.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a call waited for its token", e);
        } catch (ExecutionException e) {
            Throwable why = e.getCause() == null ? e : e.getCause();
            throw new IllegalStateException("no token: " + why.getMessage(), why);
        } catch (TimeoutException e) {
            throw new IllegalStateException("no token within " + ANSWER_MAX.toSeconds() + " s", e);
        }
    }

    @Override
    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
        builder.setHeader(HEADER, BEARER + current());
    }

    @Override
    public CompletableFuture<Boolean> afterFailure(BasicBuilder builder, HttpResponse<?> response, RequestTags tags) {
        if (response.code() != HttpURLConnection.HTTP_UNAUTHORIZED) {
            return CompletableFuture.completedFuture(false);
        }
        String refused = response.request().header(HEADER);
        // Not on the thread that reads answers: the new token is one.
        return CompletableFuture.supplyAsync(() -> replace(builder, refused), Thread::startVirtualThread);
    }

    private boolean replace(BasicBuilder builder, @Nullable String refused) {
        Held known = held.get();
        if (known != null && (BEARER + known.token()).equals(refused)) {
            held.compareAndSet(known, null);
        }
        builder.setHeader(HEADER, BEARER + current());
        return true;
    }
}
