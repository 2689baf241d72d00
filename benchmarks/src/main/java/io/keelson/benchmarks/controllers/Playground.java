package io.keelson.benchmarks.controllers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.benchmarks.cluster.ApiObjects;
import io.keelson.benchmarks.cluster.Component;
import io.keelson.benchmarks.cluster.Launcher;
import io.keelson.benchmarks.cluster.RunningApi;
import io.keelson.benchmarks.load.ProcessUsage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An API server and a controller manager, each a process of its own. */
final class Playground implements AutoCloseable {
    private static final int SETTLE_ROUNDS_MAX = 80;
    private static final long IDLE_MICROS = 30_000;

    private final RunningApi api;
    private final Component manager;
    private final long secondsMax;

    private Playground(RunningApi api, Component manager, long secondsMax) {
        this.api = api;
        this.manager = manager;
        this.secondsMax = secondsMax;
    }

    /**
     * Starts both, and waits until they are ready.
     *
     * @param secondsMax how long anything may take
     */
    static Playground start(Launcher launcher, int atOnce, long secondsMax) throws IOException, InterruptedException {
        RunningApi api = RunningApi.start(launcher, List.of(), atOnce);
        Component manager = null;
        try {
            int port = Launcher.freePort();
            manager = launcher.controllerManager(port, List.of());
            try (var health = api.component(port)) {
                RunningApi.awaitWell(manager, health);
            }
            return new Playground(api, manager, secondsMax);
        } catch (IOException | InterruptedException | RuntimeException e) {
            if (manager != null) {
                manager.close();
            }
            api.close();
            throw e;
        }
    }

    RunningApi api() {
        return api;
    }

    ApiObjects objects() {
        return api.objects();
    }

    List<Long> apiPids() {
        return api.pids();
    }

    List<Long> managerPids() {
        return List.of(manager.pid());
    }

    /** Something that is to become so. */
    interface Condition {
        boolean holds() throws IOException, InterruptedException;
    }

    /**
     * Waits until something is so.
     *
     * @param what for the message if it does not become so
     * @param pollMillis how often it is looked at
     * @throws IOException if it takes too long, or a process ends
     */
    void await(String what, int pollMillis, Condition condition) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(secondsMax);
        while (!condition.holds()) {
            api.checkAlive();
            manager.checkAlive();
            if (System.nanoTime() - end > 0) {
                throw new IOException("after " + secondsMax + " s " + what + " is not so");
            }
            TimeUnit.MILLISECONDS.sleep(pollMillis);
        }
    }

    /** Waits, a minute at most, until neither process has much to do any more. */
    void settle() throws InterruptedException {
        List<Long> pids = new ArrayList<>(apiPids());
        pids.addAll(managerPids());
        long before = ProcessUsage.cpuMicros(pids);
        for (int round = 0; round < SETTLE_ROUNDS_MAX; round++) {
            TimeUnit.MILLISECONDS.sleep(750);
            long now = ProcessUsage.cpuMicros(pids);
            if (now - before < IDLE_MICROS) {
                return;
            }
            before = now;
        }
    }

    /** Creates objects that differ in their names only, which end in the number from 0 on. */
    void create(String namespace, String name, int count, ObjectNode object) throws IOException, InterruptedException {
        List<ObjectNode> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ObjectNode each = object.deepCopy();
            each.withObjectProperty("metadata").put("name", name + "-" + i);
            all.add(each);
        }
        create(namespace, all);
    }

    /** Creates objects. */
    void create(String namespace, List<ObjectNode> all) throws IOException, InterruptedException {
        if (all.isEmpty()) {
            return;
        }
        String path = objects().path(all.getFirst(), namespace);
        objects()
                .each(
                        path,
                        all.size(),
                        i -> api.connection().request("POST", path, "application/json", Json.text(all.get(i))));
    }

    /** How many objects a list has, without reading them. */
    int count(String path) throws IOException, InterruptedException {
        JsonNode page = objects().get(path + "?limit=1");
        return page.path("items").size()
                + page.path("metadata").path("remainingItemCount").asInt();
    }

    /** Deletes a namespace, and waits until it is gone. */
    void deleteNamespace(String name) throws IOException, InterruptedException {
        String path = "/api/v1/namespaces/" + name;
        objects().delete(path);
        await("namespace " + name + " being gone", 20, () -> !objects().exists(path));
    }

    @Override
    public void close() {
        manager.close();
        api.close();
    }
}
