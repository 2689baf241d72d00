package io.keelson.dist.up;

import io.keelson.kvstore.server.KvServer;
import io.keelson.kvstore.server.StartFailure;
import io.keelson.kvstore.server.config.ServerConfig;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A member of a cluster's store in this process. If it fails, it is begun again: after a second, then after twice as long each
 * time; the others go on meanwhile.
 */
final class StoreMember implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StoreMember.class);
    private static final Duration PAUSE_MIN = Duration.ofSeconds(1);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(30);
    private static final Duration WELL = Duration.ofMinutes(5);

    private final ServerConfig config;
    private final Thread thread;
    private final CompletableFuture<Void> begun = new CompletableFuture<>();
    private volatile @Nullable KvServer server;

    private StoreMember(ServerConfig config) {
        this.config = config;
        thread = Thread.ofPlatform().name("store-" + config.name()).unstarted(this::keepRunning);
    }

    /** Begins to start one. */
    static StoreMember start(ServerConfig config) {
        StoreMember member = new StoreMember(config);
        member.thread.start();
        return member;
    }

    private void keepRunning() {
        Duration pause = PAUSE_MIN;
        try {
            while (true) {
                long beginning = System.nanoTime();
                runOnce();
                if (Thread.interrupted()) {
                    return;
                }
                pause = System.nanoTime() - beginning > WELL.toNanos() ? PAUSE_MIN : pause;
                LOG.warn("the store's member {} begins again in {} s", config.name(), pause.toSeconds());
                Thread.sleep(pause);
                pause = pause.multipliedBy(2).compareTo(PAUSE_MAX) < 0 ? pause.multipliedBy(2) : PAUSE_MAX;
            }
        } catch (InterruptedException e) {
            LOG.debug("the store's member {} ends", config.name());
        }
    }

    private void runOnce() throws InterruptedException {
        try (KvServer running = KvServer.start(config)) {
            server = running;
            begun.complete(null);
            var _ = running.stopped().get();
            LOG.warn("the store's member {} has left", config.name());
        } catch (StartFailure e) {
            LOG.warn("the store's member {} cannot start: {}", config.name(), e.getMessage());
            begun.completeExceptionally(e);
        } catch (ExecutionException e) {
            LOG.warn("the store's member {} has failed: {}", config.name(), String.valueOf(e.getCause()));
        } catch (RuntimeException e) {
            // An error of the program, or of what it stands on: whoever waits is told, and the member begins again.
            LOG.warn("the store's member {} has failed", config.name(), e);
            begun.completeExceptionally(e);
        } finally {
            server = null;
        }
    }

    /** Completes when it has started for the first time; exceptionally if its first start failed. */
    CompletableFuture<Void> begun() {
        return begun.copy();
    }

    /** Whether it leads the others. */
    boolean isLeading() {
        KvServer now = server;
        return now != null && now.leading();
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
