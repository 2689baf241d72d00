package io.keelson.dist.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import io.keelson.dist.faults.ApiConnection.Answer;
import io.keelson.dist.faults.Attempt.Action;
import io.keelson.dist.faults.Attempt.Age;
import io.keelson.dist.faults.Attempt.Outcome;
import io.keelson.dist.faults.Attempt.Verb;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients that write and read a few ConfigMaps and Pods of a namespace through all API servers, one request at a time each.
 * A request is sent once: what becomes of it is what is to be found out.
 */
final class ApiClients implements AutoCloseable {
    private static final List<String> RESOURCES = List.of("configmaps", "pods");

    /** How many objects of each resource there are. */
    private static final int OBJECTS = 5;

    /** A breath between requests, so that servers get some of the machine, too. */
    private static final int PAUSE_MS_MAX = 12;

    private final ControlPlaneProcesses plane;
    private final Manifests manifests;
    private final List<Thread> threads = new ArrayList<>();
    private final ConcurrentLinkedQueue<Attempt> attempts = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<String> breaches = new ConcurrentLinkedQueue<>();
    private final AtomicLong marks = new AtomicLong();
    private volatile boolean stopped;

    ApiClients(ControlPlaneProcesses plane, Manifests manifests, int clients, SplittableRandom random) {
        this.plane = plane;
        this.manifests = manifests;
        for (int i = 0; i < clients; i++) {
            Client client = new Client(i, random.split());
            threads.add(Thread.ofVirtual().unstarted(client::work));
        }
    }

    void start() {
        threads.forEach(Thread::start);
    }

    /** Stops them, waits for the last answers, and returns all they did. */
    List<Attempt> stop() throws InterruptedException {
        stopped = true;
        for (Thread thread : threads) {
            thread.join();
        }
        return List.copyOf(attempts);
    }

    /** Failures that do not say what they are, and requests that were not answered in time. */
    List<String> breaches() {
        return List.copyOf(breaches);
    }

    /** Lets them stop after the answers they wait for. */
    @Override
    public void close() {
        stopped = true;
    }

    /** One of them. */
    private final class Client {
        private final int number;
        private final SplittableRandom random;
        /** What it last saw of each object. */
        private final Map<ObjectKey, ObjectNode> last = new HashMap<>();
        /** Some revision that it was told. */
        private long revision;

        Client(int number, SplittableRandom random) {
            this.number = number;
            this.random = random;
        }

        void work() {
            try {
                while (!stopped) {
                    Attempt attempt = attempt();
                    attempts.add(attempt);
                    // A refused client does not spin.
                    Thread.sleep(attempt.succeeded() ? random.nextInt(PAUSE_MS_MAX) : 20 + random.nextInt(80));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private Attempt attempt() throws InterruptedException {
            int server = random.nextInt(plane.apiServers().size());
            ObjectKey one =
                    new ObjectKey(RESOURCES.get(random.nextInt(RESOURCES.size())), "object-" + random.nextInt(OBJECTS));
            int dice = random.nextInt(100);
            Action action = action(one, dice);
            ObjectKey key = action instanceof Action.ListAll ? new ObjectKey(one.resource(), "") : one;
            long invoked = System.nanoTime();
            Outcome outcome;
            try {
                ApiConnection api = plane.apiServer(server)
                        .connection(number % 2 == 0 ? HttpClient.Version.HTTP_2 : HttpClient.Version.HTTP_1_1);
                outcome = call(api, key, action);
            } catch (IOException e) {
                outcome = failed(key, action, e);
            }
            return new Attempt(number, server, key, action, outcome, invoked, System.nanoTime());
        }

        private Action action(ObjectKey key, int dice) {
            if (dice < 8) {
                return new Action.Write(Verb.CREATE, mark(), 0);
            }
            if (dice < 24) {
                ObjectNode known = last.get(key);
                return known == null ? new Action.Get(Age.FRESH, 0) : new Action.Write(Verb.REPLACE, mark(), of(known));
            }
            if (dice < 42) {
                return new Action.Write(Verb.PATCH, mark(), 0);
            }
            if (dice < 54) {
                return new Action.Write(Verb.APPLY, mark(), 0);
            }
            if (dice < 60) {
                ObjectNode known = last.get(key);
                return new Action.Delete(known == null || random.nextBoolean() ? 0 : of(known));
            }
            if (dice < 84) {
                return new Action.Get(Age.FRESH, 0);
            }
            if (dice < 90) {
                return random.nextBoolean() || revision == 0
                        ? new Action.Get(Age.ANY, 0)
                        : new Action.Get(Age.NOT_OLDER, revision);
            }
            if (dice < 96) {
                return new Action.ListAll(Age.FRESH, 0);
            }
            return switch (revision == 0 ? 0 : random.nextInt(3)) {
                case 0 -> new Action.ListAll(Age.ANY, 0);
                case 1 -> new Action.ListAll(Age.NOT_OLDER, revision);
                default -> new Action.ListAll(Age.EXACT, revision);
            };
        }

        private String mark() {
            return Long.toString(marks.incrementAndGet());
        }

        private static long of(ObjectNode object) {
            return object.path("metadata").path("resourceVersion").asLong();
        }

        private String note() {
            return "c" + number;
        }

        private Outcome failed(ObjectKey key, Action action, IOException e) {
            if (e instanceof HttpTimeoutException && !(e instanceof HttpConnectTimeoutException)) {
                breaches.add(
                        action + " of " + key + " was not answered in " + ApiConnection.ANSWER_MAX.toSeconds() + " s");
            }
            boolean changesNothing = action instanceof Action.Get
                    || action instanceof Action.ListAll
                    || e instanceof ConnectException
                    || e instanceof HttpConnectTimeoutException;
            return changesNothing ? new Outcome.Refused("no answer: " + e) : new Outcome.Unknown("no answer: " + e);
        }

        private Outcome call(ApiConnection api, ObjectKey key, Action action) throws IOException, InterruptedException {
            return switch (action) {
                case Action.Write write -> write(key, write, send(api, key, write));
                case Action.Delete(long base) -> deleted(key, delete(api, key, base));
                case Action.Get(Age age, long at) -> found(key, api.get(manifests.path(key) + query(age, at)));
                case Action.ListAll(Age age, long at) -> list(api, key, age, at);
            };
        }

        private Answer send(ApiConnection api, ObjectKey key, Action.Write write)
                throws IOException, InterruptedException {
            String path = manifests.path(key);
            return switch (write.verb()) {
                case CREATE ->
                    api.send(
                            "POST",
                            manifests.path(new ObjectKey(key.resource(), "")),
                            "application/json",
                            Json.text(manifests.object(key, note(), write.mark())));
                case REPLACE -> {
                    ObjectNode object = last.getOrDefault(key, Json.object()).deepCopy();
                    object.withObjectProperty("metadata")
                            .withObjectProperty("annotations")
                            .put(note(), write.mark());
                    yield api.send("PUT", path, "application/json", Json.text(object));
                }
                case PATCH -> patch(api, path, write.mark());
                case APPLY ->
                    api.send(
                            "PATCH",
                            path + "?force=true&fieldManager=client-" + number,
                            "application/apply-patch+yaml",
                            Json.text(manifests.object(key, note(), write.mark())));
            };
        }

        private Answer patch(ApiConnection api, String path, String mark) throws IOException, InterruptedException {
            if (random.nextInt(3) == 0) {
                // There are always annotations: whoever made the object left one.
                return api.send(
                        "PATCH",
                        path,
                        "application/json-patch+json",
                        "[{\"op\":\"add\",\"path\":\"/metadata/annotations/" + note() + "\",\"value\":\"" + mark
                                + "\"}]");
            }
            String type = random.nextBoolean() ? "merge" : "strategic-merge";
            return api.send(
                    "PATCH",
                    path,
                    "application/" + type + "-patch+json",
                    "{\"metadata\":{\"annotations\":{\"" + note() + "\":\"" + mark + "\"}}}");
        }

        private Answer delete(ApiConnection api, ObjectKey key, long base) throws IOException, InterruptedException {
            ObjectNode options = Json.object()
                    .put("kind", "DeleteOptions")
                    .put("apiVersion", "v1")
                    .put("gracePeriodSeconds", 0);
            if (base != 0) {
                options.putObject("preconditions").put("resourceVersion", Long.toString(base));
            }
            return api.send("DELETE", manifests.path(key), "application/json", Json.text(options));
        }

        private static String query(Age age, long revision) {
            return switch (age) {
                case FRESH -> "";
                case ANY -> "?resourceVersion=0";
                case NOT_OLDER -> "?resourceVersion=" + revision;
                case EXACT -> "?resourceVersionMatch=Exact&resourceVersion=" + revision;
            };
        }

        private Outcome write(ObjectKey key, Action.Write write, Answer answer) {
            if (answer.successful()) {
                return new Outcome.Written(saw(key, answer.body()));
            }
            if (write.verb() == Verb.CREATE && answer.reason().equals("AlreadyExists")) {
                return new Outcome.Present();
            }
            return failure(key, answer, true);
        }

        private Outcome deleted(ObjectKey key, Answer answer) {
            if (answer.successful()) {
                last.remove(key);
                JsonNode body = answer.body();
                return new Outcome.Deleted((body.path("kind").asText().equals("Status")
                                ? body.path("details").path("uid")
                                : body.path("metadata").path("uid"))
                        .asText());
            }
            return failure(key, answer, true);
        }

        private Outcome found(ObjectKey key, Answer answer) {
            return answer.successful() ? new Outcome.Found(saw(key, answer.body())) : failure(key, answer, false);
        }

        /** A list, half of the fresh ones in pages. */
        private Outcome list(ApiConnection api, ObjectKey key, Age age, long at)
                throws IOException, InterruptedException {
            String path = manifests.path(key);
            List<Seen> objects = new ArrayList<>();
            boolean paged = age == Age.FRESH && random.nextBoolean();
            Answer answer = api.get(path + query(age, at) + (paged ? "?limit=2" : ""));
            while (answer.successful()) {
                answer.body().path("items").forEach(item -> objects.add(Seen.of((ObjectNode) item)));
                JsonNode metadata = answer.body().path("metadata");
                String more = metadata.path("continue").asText();
                if (more.isEmpty()) {
                    revision = metadata.path("resourceVersion").asLong();
                    return new Outcome.Listed(revision, objects);
                }
                answer = api.get(path + "?limit=2&continue=" + more);
            }
            return failure(key, answer, false);
        }

        private Seen saw(ObjectKey key, ObjectNode object) {
            last.put(key, object);
            Seen seen = Seen.of(object);
            revision = Math.max(revision, seen.revision());
            return seen;
        }

        /** What a failure says of what was done: a store that is not available was not asked to do anything. */
        private Outcome failure(ObjectKey key, Answer answer, boolean writes) {
            if (!answer.proper()) {
                breaches.add("a failure that does not say what it is: " + answer);
            }
            if (answer.code() == 404 && isAbout(key, answer)) {
                last.remove(key);
                return new Outcome.Absent();
            }
            boolean open = writes && answer.code() >= 500 && answer.code() != 503;
            return open ? new Outcome.Unknown(answer.why()) : new Outcome.Refused(answer.why());
        }

        private static boolean isAbout(ObjectKey key, Answer answer) {
            JsonNode details = answer.body().path("details");
            return details.path("kind").asText().equals(key.resource())
                    && details.path("name").asText().equals(key.name());
        }
    }

    /** Where objects are, and how they look. */
    record Manifests(String namespace) {
        String path(ObjectKey key) {
            return "/api/v1/namespaces/" + namespace + "/" + key.resource()
                    + (key.name().isEmpty() ? "" : "/" + key.name());
        }

        /** An object with one annotation. */
        ObjectNode object(ObjectKey key, String note, String mark) {
            ObjectNode object = Json.object().put("apiVersion", "v1");
            boolean pod = key.resource().equals("pods");
            object.put("kind", pod ? "Pod" : "ConfigMap");
            ObjectNode metadata = object.putObject("metadata").put("name", key.name());
            metadata.putObject("labels").put("round", namespace);
            metadata.putObject("annotations").put(note, mark);
            if (pod) {
                object.putObject("spec")
                        .put("automountServiceAccountToken", false)
                        .putArray("containers")
                        .addObject()
                        .put("name", "main")
                        .put("image", "registry.example/main:1");
            } else {
                object.putObject("data").put("kept", "always");
            }
            return object;
        }
    }
}
