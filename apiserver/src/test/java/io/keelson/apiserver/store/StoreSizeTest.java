package io.keelson.apiserver.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.MethodDescriptor;
import io.keelson.kvstore.metrics.Metrics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How often the store is asked for its size. */
final class StoreSizeTest {
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicLong now = new AtomicLong();
    private final Metrics metrics = new Metrics();

    private Channel counted(Channel channel) {
        return ClientInterceptors.intercept(channel, new ClientInterceptor() {
            @Override
            public <Q, A> ClientCall<Q, A> interceptCall(
                    MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
                asked.incrementAndGet();
                return next.newCall(method, options);
            }
        });
    }

    private boolean told() {
        return metrics.text().contains("apiserver_storage_size_bytes{storage_cluster_id=\"etcd-0\"} ");
    }

    @Test
    void itIsAskedAgainWhenWhatIsKnownIsTooOld(@TempDir Path folder) throws Exception {
        try (TestEtcd store = TestEtcd.embedded(folder)) {
            StoreSize.addTo(metrics, List.of(counted(store.channel())), Duration.ofSeconds(30), now::get);
            assertTrue(told());
            now.set(Duration.ofSeconds(29).toNanos());
            assertTrue(told());
            assertEquals(1, asked.get());
            now.set(Duration.ofSeconds(30).toNanos());
            assertTrue(told());
            assertEquals(2, asked.get());
        }
        now.set(Duration.ofSeconds(59).toNanos());
        assertTrue(told(), "that is not too old, though the store is gone");
        now.set(Duration.ofSeconds(60).toNanos());
        assertFalse(told());
        assertEquals(3, asked.get());
        assertFalse(told());
        assertEquals(4, asked.get(), "what is not known is asked for each time");
    }
}
