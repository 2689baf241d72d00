package io.keelson.dist.faults;

import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Asks every API server again and again whether it is ready. */
final class ReadinessWatch implements AutoCloseable {
    private static final long PAUSE_MS = 250;
    private static final Duration ANSWER_MAX = Duration.ofSeconds(45);

    private final ControlPlaneProcesses plane;
    private final ConcurrentLinkedQueue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean closed;

    /** @param code 0 if there was none */
    record Answer(int server, int code, long invokedNanos, long returnedNanos) {}

    ReadinessWatch(ControlPlaneProcesses plane) {
        this.plane = plane;
        for (ApiServerProcess server : plane.apiServers()) {
            threads.add(Thread.startVirtualThread(() -> ask(server.number())));
        }
    }

    private void ask(int server) {
        try {
            while (!closed) {
                long invoked = System.nanoTime();
                int code;
                try {
                    code = plane.apiServer(server)
                            .connection(HttpClient.Version.HTTP_1_1)
                            .code("/readyz", ANSWER_MAX);
                } catch (IOException e) {
                    // It is down.
                    code = 0;
                }
                answers.add(new Answer(server, code, invoked, System.nanoTime()));
                Thread.sleep(PAUSE_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    List<Answer> answers() {
        return List.copyOf(answers);
    }

    @Override
    public void close() {
        closed = true;
        threads.forEach(Thread::interrupt);
    }
}
