package io.keelson.agent.image;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.keelson.controllers.objects.OrEmpty;
import io.keelson.controllers.runtime.Events;
import io.keelson.controllers.runtime.QueueMetrics;
import io.keelson.controllers.runtime.Time;
import io.keelson.controllers.runtime.WorkQueue;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Collects dead containers every minute, and images every five, side by side, until it is closed. */
public final class GarbageCollection implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GarbageCollection.class);
    private static final Duration CONTAINERS_EVERY = Duration.ofMinutes(1);
    private static final Duration IMAGES_EVERY = Duration.ofMinutes(5);

    private final ContainerCollector containers;
    private final ImageCollector images;
    private final ImageGarbagePolicy policy;
    private final BooleanSupplier allKnown;
    private final Supplier<HasMetadata> node;
    private final Events events;
    private final WorkQueue<Kind> due;
    private final List<Thread> threads = new ArrayList<>();
    /**
     * Whether the last collection of images failed, which the first one may while the runtime still looks at its disk.
     */
    private boolean imagesFailed;

    private enum Kind {
        CONTAINERS,
        IMAGES
    }

    /**
     * Collects from {@link #start} on.
     *
     * @param allKnown whether all sources of pods have told of theirs
     * @param node whose events tell what goes wrong
     */
    public GarbageCollection(
            ContainerCollector containers,
            ImageCollector images,
            ImageGarbagePolicy policy,
            BooleanSupplier allKnown,
            Supplier<HasMetadata> node,
            Events events,
            Time time) {
        this.containers = containers;
        this.images = images;
        this.policy = policy;
        this.allKnown = allKnown;
        this.node = node;
        this.events = events;
        due = new WorkQueue<>(time, QueueMetrics.NONE);
    }

    /** Begins; once. */
    public void start() {
        due.addAfter(Kind.CONTAINERS, CONTAINERS_EVERY);
        due.add(Kind.IMAGES);
        for (int i = 0; i < Kind.values().length; i++) {
            threads.add(Thread.ofVirtual().name("garbage-" + i).start(this::collectForEver));
        }
    }

    private void collectForEver() {
        try {
            for (Kind kind = due.take(); kind != null; kind = due.take()) {
                try {
                    switch (kind) {
                        case CONTAINERS -> collectContainers();
                        case IMAGES -> collectImages();
                    }
                } catch (RuntimeException e) {
                    LOG.error("Garbage collection failed unexpectedly: {}", kind, e);
                } finally {
                    due.done(kind);
                    due.addAfter(kind, kind == Kind.CONTAINERS ? CONTAINERS_EVERY : IMAGES_EVERY);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void collectContainers() {
        try {
            containers.collect(allKnown.getAsBoolean());
        } catch (IOException e) {
            LOG.error("Container garbage collection failed: {}", e.getMessage());
            events.warning(node.get(), "ContainerGCFailed", OrEmpty.of(e.getMessage()));
        }
    }

    private void collectImages() {
        try {
            if (policy.enabled()) {
                images.collect();
            }
            imagesFailed = false;
        } catch (IOException e) {
            LOG.error("Image garbage collection failed: {}", e.getMessage());
            if (imagesFailed) {
                events.warning(node.get(), "ImageGCFailed", OrEmpty.of(e.getMessage()));
            }
            imagesFailed = true;
        }
    }

    /** Ends. */
    @Override
    public void close() {
        due.close();
        threads.forEach(Thread::interrupt);
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
