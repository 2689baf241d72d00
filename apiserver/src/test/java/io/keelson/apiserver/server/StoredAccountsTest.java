package io.keelson.apiserver.server;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.keelson.apiserver.cache.CacheOptions;
import io.keelson.apiserver.cache.ResourceCaches;
import io.keelson.apiserver.kinds.BuiltInKinds;
import io.keelson.apiserver.metrics.WatchMetrics;
import io.keelson.apiserver.request.MediaType;
import io.keelson.apiserver.resource.ResourceRegistry;
import io.keelson.apiserver.rest.RestApi;
import io.keelson.apiserver.rest.TestRest;
import io.keelson.apiserver.store.EtcdStore;
import io.keelson.apiserver.store.StoreOptions;
import io.keelson.kvstore.metrics.Metrics;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/** Objects that tokens rest on, in a store that does not answer. */
@Timeout(60)
final class StoredAccountsTest {
    private final EtcdStore store = new EtcdStore(new Silence(), StoreOptions.DEFAULT);
    private final ResourceCaches caches = new ResourceCaches(store, CacheOptions.DEFAULT);
    private final RestApi rest = rest();
    private final StoredAccounts accounts = new StoredAccounts(rest);

    private RestApi rest() {
        ResourceRegistry registry = new ResourceRegistry();
        registry.put(BuiltInKinds.resources());
        return new RestApi(
                registry,
                store,
                caches,
                TestRest.ALL,
                new RestApi.Settings(
                        TestRest.PREFIX,
                        CacheOptions.DEFAULT,
                        Duration.ofHours(1),
                        Duration.ofMinutes(30),
                        MediaType.JSON,
                        new WatchMetrics(new Metrics())),
                InstantSource.system());
    }

    @AfterEach
    void stop() {
        var _ = Thread.interrupted();
        rest.close();
        caches.close();
        store.close();
    }

    /** Or whoever shows a good token would be told that nobody knows it. */
    @Test
    void whatCouldNotBeReadIsNotMissing() {
        for (Executable lookup : List.<Executable>of(
                () -> accounts.serviceAccount("ns", "a"),
                () -> accounts.pod("ns", "a"),
                () -> accounts.secret("ns", "a"),
                () -> accounts.node("a"))) {
            Thread.currentThread().interrupt();
            assertThrows(InterruptedException.class, lookup);
        }
    }

    /** Every call lasts until it is given up. */
    private static final class Silence extends Channel {
        @Override
        public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
            return new Unanswered<>();
        }

        @Override
        public String authority() {
            return "silence";
        }
    }

    private static final class Unanswered<Q, R> extends ClientCall<Q, R> {
        private @Nullable Listener<R> listener;

        @Override
        public void start(Listener<R> responses, Metadata headers) {
            listener = responses;
        }

        @Override
        public void cancel(@Nullable String message, @Nullable Throwable cause) {
            Listener<R> told = listener;
            if (told != null) {
                told.onClose(Status.CANCELLED.withDescription(message), new Metadata());
            }
        }

        @Override
        public void request(int numMessages) {}

        @Override
        public void halfClose() {}

        @Override
        public void sendMessage(Q message) {}
    }
}
