package io.keelson.apiserver.fairness;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.apiserver.object.ObjectMeta;
import io.keelson.apiserver.object.Yaml;
import io.keelson.apiserver.request.RequestInfo;
import io.keelson.apiserver.request.UserInfo;
import io.keelson.kvstore.metrics.Metrics;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What a request pays for fairness while nobody waits: to be run by hand. Prints nanoseconds for each. */
final class FairnessMeasurement {
    private static final int ROUNDS = 5;
    private static final int REQUESTS = 2_000_000;

    private FairnessMeasurement() {}

    public static void main(String[] args) throws Exception {
        try (FlowControl control = FlowControl.start(600, new Metrics());
                InputStream in = FairnessMeasurement.class.getResourceAsStream(
                        "/io/keelson/apiserver/kinds/flow/flow-defaults.yaml")) {
            JsonNode all = Yaml.parse(Objects.requireNonNull(in).readAllBytes());
            control.configure(objects(all, "levels"), objects(all, "schemas"));
            RequestInfo info = new RequestInfo("/", "get", true, "api", "", "v1", "default", "pods", "", "web", "");
            Map<String, UserInfo> users = Map.of(
                    "administrator", user("admin", UserInfo.MASTERS, UserInfo.AUTHENTICATED),
                    "node", user("system:node:n1", "system:nodes", UserInfo.AUTHENTICATED),
                    "service account",
                            user(
                                    "system:serviceaccount:shop:web",
                                    "system:serviceaccounts",
                                    "system:serviceaccounts:shop",
                                    UserInfo.AUTHENTICATED));
            for (int round = 0; round < ROUNDS; round++) {
                for (int threads : new int[] {1, 2}) {
                    for (Map.Entry<String, UserInfo> user : users.entrySet()) {
                        System.out.printf(
                                "%s, %d threads: %.0f ns%n",
                                user.getKey(), threads, nanosPerRequest(control, user.getValue(), info, threads));
                    }
                }
            }
        }
    }

    private static UserInfo user(String name, String... groups) {
        return new UserInfo(name, "", List.of(groups), Map.of());
    }

    private static List<ObjectNode> objects(JsonNode all, String what) {
        List<ObjectNode> objects = new ArrayList<>();
        for (String part : new String[] {"mandatory", "suggested"}) {
            for (JsonNode line : all.path(part).path(what)) {
                ObjectNode object = Json.object();
                ObjectMeta.setName(object, line.path("name").asText());
                object.set("spec", line.path("spec"));
                objects.add(object);
            }
        }
        return objects;
    }

    private static double nanosPerRequest(FlowControl control, UserInfo user, RequestInfo info, int threads)
            throws InterruptedException {
        List<Thread> all = new ArrayList<>();
        long begin = System.nanoTime();
        for (int i = 0; i < threads; i++) {
            all.add(Thread.ofPlatform().start(() -> ask(control, user, info)));
        }
        for (Thread thread : all) {
            thread.join();
        }
        return (double) (System.nanoTime() - begin) / REQUESTS;
    }

    private static void ask(FlowControl control, UserInfo user, RequestInfo info) {
        try {
            for (int i = 0; i < REQUESTS; i++) {
                FlowControl.Place place = control.place(user, info);
                if (place.level().take(place.flow(), Work.ONE, 0, () -> false) instanceof PriorityLevel.Seat seat) {
                    seat.release();
                } else {
                    throw new IllegalStateException("no seat");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
