package io.keelson.benchmarks.scheduler;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.benchmarks.api.ApiConnection;
import io.keelson.benchmarks.cluster.ApiObjects;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Makes objects beside what is measured, again and again, until it is stopped. */
final class Churner {
    private final ApiConnection api;
    private final ApiObjects objects;
    private final Operation.Churn operation;
    private final String namespace;
    private final List<String> made = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable String failure;

    private Churner(ApiConnection api, ApiObjects objects, Operation.Churn operation, String namespace) {
        this.api = api;
        this.objects = objects;
        this.operation = operation;
        this.namespace = namespace;
        this.thread = Thread.ofVirtual().name("churn").unstarted(this::run);
    }

    /** Begins; objects that are in a namespace are in this one. */
    static Churner start(ApiConnection api, ApiObjects objects, Operation.Churn operation, String namespace) {
        Churner churner = new Churner(api, objects, operation, namespace);
        churner.thread.start();
        return churner;
    }

    private void run() {
        ArrayDeque<List<String>> turns = new ArrayDeque<>();
        long next = System.nanoTime();
        try {
            for (int turn = 0; operation.recreates() || operation.number() == 0 || turn < operation.number(); turn++) {
                // In the way of scheduler_perf: as many turns make as there are to be, then as many delete.
                if (operation.recreates() && turn / operation.number() % 2 == 1) {
                    delete(turns.removeFirst());
                } else {
                    turns.addLast(create(turn));
                }
                next += operation.interval().toNanos();
                if (closing.await(next - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    return;
                }
            }
        } catch (IOException | RuntimeException e) {
            failure = String.valueOf(e.getMessage());
        } catch (InterruptedException e) {
            failure = "it was interrupted";
            Thread.currentThread().interrupt();
        }
    }

    private List<String> create(int turn) throws IOException, InterruptedException {
        List<String> paths = new ArrayList<>();
        for (Template template : operation.templates()) {
            ObjectNode object = template.object(turn, Math.max(1, operation.number()), Map.of());
            String base = objects.path(object, namespace);
            ObjectNode answer = Json.parseObject(api.call(objects.creation(object, namespace), 0));
            String path = base + "/" + answer.path("metadata").path("name").asText();
            paths.add(path);
            made.add(path);
        }
        return paths;
    }

    private void delete(List<String> paths) throws IOException, InterruptedException {
        for (String path : paths) {
            objects.delete(path);
            made.remove(path);
        }
    }

    /** The paths of objects that it made and left; known in full when it is stopped. */
    List<String> made() {
        return List.copyOf(made);
    }

    /**
     * Goes on if it does.
     *
     * @throws IOException if it has ended before it was stopped
     */
    void check() throws IOException {
        String why = failure;
        if (why != null) {
            throw new IOException("the churn beside it failed: " + why);
        }
    }

    /** Ends it, and waits until it has. */
    void stop() throws InterruptedException {
        closing.countDown();
        thread.join();
    }
}
