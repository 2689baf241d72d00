package io.keelson.agent.embedded;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens to the shim of each sandbox, on a virtual thread each: learns how containers end, and that a shim has ended,
 * which all of its containers have then, too.
 */
final class ShimWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ShimWatch.class);

    private static final Duration BETWEEN_TRIES = Duration.ofMillis(20);

    private final InstantSource time;
    private final ContainerCgroups cgroups;
    private final BiConsumer<Container, Run> ended;
    private final Set<ShimConnection> connections = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /** @param ended told, with the lock of the sandbox held, that a container has ended */
    ShimWatch(InstantSource time, ContainerCgroups cgroups, BiConsumer<Container, Run> ended) {
        this.time = time;
        this.cgroups = cgroups;
        this.ended = ended;
    }

    /** Begins to listen to a sandbox's shim. */
    void begin(Sandbox sandbox) {
        Thread.ofVirtual().name("shim-" + sandbox.id().substring(0, 12)).start(() -> listen(sandbox));
    }

    private void listen(Sandbox sandbox) {
        try {
            do {
                listenOnce(sandbox);
                Thread.sleep(BETWEEN_TRIES);
            } while (!closed && sandbox.isReady() && answers(sandbox));
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            return;
        }
        if (!closed) {
            lose(sandbox);
        }
    }

    private void listenOnce(Sandbox sandbox) {
        try (ShimConnection connection = new ShimClient(sandbox.socket()).events()) {
            connections.add(connection);
            try {
                // What ended between a former look and now is not told as an event.
                settleBy(sandbox, new ShimClient(sandbox.socket()).status());
                ShimConnection.Frame frame = connection.receive();
                while (frame != null && !closed) {
                    if (frame.message() == ShimMessage.EXITED) {
                        learn(sandbox, ShimFields.read(frame.payload()));
                    }
                    frame = connection.receive();
                }
            } finally {
                connections.remove(connection);
            }
        } catch (IOException gone) {
            LOG.debug("the shim of sandbox {} is gone: {}", sandbox.id(), gone.getMessage());
        }
    }

    private void learn(Sandbox sandbox, List<ShimFields.Field> exit) {
        sandbox.lock().lock();
        try {
            Container container = sandbox.containers().get(ShimFields.text(exit, ShimTag.ID));
            if (container != null && !container.run().isExited()) {
                ended.accept(container, ShimClient.exit(exit));
            }
        } finally {
            sandbox.lock().unlock();
        }
    }

    /** The shim ended: by request, by itself, or killed. */
    private void lose(Sandbox sandbox) {
        sandbox.lock().lock();
        try {
            if (sandbox.step() == Sandbox.Step.READY) {
                LOG.warn("the shim of sandbox {} ended, and the sandbox with it", sandbox.id());
                sandbox.lose();
                for (Container container : sandbox.containers().values()) {
                    cgroups.kill(container.cgroup());
                }
                settle(sandbox);
            }
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        } finally {
            sandbox.lock().unlock();
        }
    }

    /** Whether a sandbox's shim answers. */
    static boolean answers(Sandbox sandbox) {
        try {
            new ShimClient(sandbox.socket()).status();
            return true;
        } catch (IOException gone) {
            return false;
        }
    }

    /** Learns from a shim how its containers are. */
    void settleBy(Sandbox sandbox, List<ShimClient.Known> processes) {
        Map<String, Run> runs = new HashMap<>();
        processes.forEach(process -> runs.put(process.id(), process.run()));
        sandbox.lock().lock();
        try {
            for (Container container : sandbox.containers().values()) {
                Run run = runs.get(container.id());
                if (run == null) {
                    continue;
                }
                if (run.isExited() && !container.run().isExited()) {
                    ended.accept(container, run);
                } else if (run.isRunning()
                        && !container.run().isRunning()
                        && !container.run().isExited()) {
                    container.become(run);
                }
            }
        } catch (IOException unwritable) {
            LOG.warn("what the shim of {} says cannot be written down: {}", sandbox.id(), unwritable.getMessage());
        } finally {
            sandbox.lock().unlock();
        }
    }

    /** The shim is gone: what ran has ended, as the shim's files say, or nobody knows how. */
    void settle(Sandbox sandbox) {
        sandbox.lock().lock();
        try {
            for (Container container : sandbox.containers().values()) {
                Run written = container.written();
                if (written != null && !container.run().isExited()) {
                    ended.accept(container, written);
                } else if (container.run().isRunning()) {
                    ended.accept(container, container.run().lost(Clocks.nanos(time)));
                }
            }
        } finally {
            sandbox.lock().unlock();
        }
    }

    /** Listens no more; the shims go on. */
    @Override
    public void close() {
        closed = true;
        connections.forEach(ShimConnection::close);
    }
}
