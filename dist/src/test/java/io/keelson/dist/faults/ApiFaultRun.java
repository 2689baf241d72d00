package io.keelson.dist.faults;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import io.keelson.apiserver.object.Json;
import io.keelson.dist.faults.ApiClients.Manifests;
import io.keelson.dist.faults.ApiConnection.Answer;
import io.keelson.dist.faults.ApiFault.Victims;
import io.keelson.dist.faults.Attempt.Outcome;
import io.keelson.dist.faults.Judge.Outage;
import io.keelson.kvstore.api.Event;
import io.keelson.kvstore.api.KVGrpc;
import io.keelson.kvstore.api.KeyValue;
import io.keelson.kvstore.api.RangeRequest;
import io.keelson.kvstore.api.RangeResponse;
import io.keelson.kvstore.faults.EventRecorder;
import io.keelson.kvstore.faults.Tally;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Rounds of faults of a control plane under load. A round: clients write and read the objects of a namespace, and informers
 * follow them; faults come, often one of the store and one of an API server together, stand and are undone; all is
 * healthy again; what everybody was told is judged by the history that the store tells.
 */
final class ApiFaultRun {
    private static final String PREFIX = "/registry/";
    private static final int CLIENTS = 8;
    private static final int FAULTS_PER_ROUND = 3;
    private static final int BREACHES_SHOWN = 10;
    /** However slow the machine is: that everything comes back is to be seen, and not how soon. */
    private static final int HEALTHY_SECONDS = 180;

    /** How long the store is gone but for the long time. */
    private static final int GONE_MS_MIN = 3_000;

    private static final int GONE_MS_MAX = 12_000;

    private final ControlPlaneProcesses plane;
    private final List<ApiFault> faults;
    private final int goneSeconds;
    private final long seed;
    private final SplittableRandom random;
    private final List<ApiFault> deck = new ArrayList<>();
    private final Tally tally = new Tally();
    private boolean goneForLong;
    private int faultsDone;
    private long eventsCompared;
    private int resumptions;
    private int lists;
    private long healthyMsMax;

    /**
     * A run on what has been started.
     *
     * @param faults of which each comes once before any comes again
     * @param goneSeconds for how long the store stays away the first time
     */
    ApiFaultRun(ControlPlaneProcesses plane, List<ApiFault> faults, int goneSeconds, long seed) {
        this.plane = plane;
        this.faults = faults;
        this.goneSeconds = goneSeconds;
        this.seed = seed;
        this.random = new SplittableRandom(seed);
    }

    /** Runs rounds until the time is over; throws {@link AssertionError} at the first with a breach. */
    void run(long durationNanos) throws IOException, InterruptedException {
        long end = System.nanoTime() + durationNanos;
        for (int round = 0; System.nanoTime() < end; round++) {
            List<String> done = round(round);
            System.out.printf(
                    "seed %d round %d %s: %s; %,d faults, %,d watch events compared, watches resumed %,d times with %,d"
                            + " lists, all healthy again within %,d ms, API servers ended by themselves %,d times%n",
                    seed,
                    round,
                    done,
                    tally.line(),
                    faultsDone,
                    eventsCompared,
                    resumptions,
                    lists,
                    healthyMsMax,
                    plane.restarts());
        }
        System.out.print(tally.reasons());
    }

    /** What somebody saw of a round. */
    private record Witnesses(List<Informer> informers, EventRecorder store, ReadinessWatch readiness)
            implements AutoCloseable {
        @Override
        public void close() {
            informers.forEach(Informer::close);
            store.close();
            readiness.close();
        }
    }

    /** Does one round; returns what was done. */
    List<String> round(int round) throws IOException, InterruptedException {
        Manifests manifests = new Manifests("faults-" + seed + "-" + round);
        makeNamespace(manifests);
        List<String> done = new ArrayList<>();
        List<Outage> outages = new ArrayList<>();
        try (Witnesses witnesses = witnesses(manifests);
                ApiClients clients = new ApiClients(plane, manifests, CLIENTS, random.split())) {
            clients.start();
            for (int i = 0; i < FAULTS_PER_ROUND; i++) {
                Thread.sleep(300 + random.nextInt(1_000));
                hurtAndHeal(next(), done, outages);
            }
            long healed = System.nanoTime();
            plane.awaitHealthy(HEALTHY_SECONDS);
            healthyMsMax = Math.max(healthyMsMax, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - healed));
            Thread.sleep(300);
            List<Attempt> attempts = clients.stop();
            List<String> breaches = new ArrayList<>(clients.breaches());
            if (attempts.stream().noneMatch(attempt -> attempt.outcome() instanceof Outcome.Written)) {
                breaches.add("no client wrote anything");
            }
            breaches.addAll(judge(manifests, attempts, witnesses, outages));
            if (!breaches.isEmpty()) {
                throw new AssertionError(breaches.size() + " breaches (seed " + seed + ", round " + round + ", faults "
                        + done + "):\n"
                        + String.join("\n", breaches.subList(0, Math.min(BREACHES_SHOWN, breaches.size()))));
            }
            tell(attempts);
            return done;
        }
    }

    /** Each fault comes once before any comes again. */
    private ApiFault next() {
        if (deck.isEmpty()) {
            deck.addAll(faults);
        }
        return deck.remove(random.nextInt(deck.size()));
    }

    /** Does a fault, often together with one of the other kind, which is then undone before it or after it. */
    private void hurtAndHeal(ApiFault fault, List<String> done, List<Outage> outages)
            throws IOException, InterruptedException {
        List<ApiFault> others = faults.stream()
                .filter(other -> other.ofStore() != fault.ofStore())
                .toList();
        // A long outage is nothing but that: clients are to be answered in time, and told that nothing is ready, by
        // servers that nothing else is done to.
        boolean isLong = fault.leavesNoStore() && !goneForLong;
        ApiFault other =
                isLong || others.isEmpty() || random.nextBoolean() ? null : others.get(random.nextInt(others.size()));
        if (isLong) {
            plane.awaitHealthy(HEALTHY_SECONDS);
        }
        Victims victims = Victims.drawn(plane, random);
        done.add(other == null ? fault.toString() : fault + "+" + other);
        fault.hurt(plane, victims);
        long since = System.nanoTime();
        if (other != null) {
            Thread.sleep(random.nextInt(800));
            other.hurt(plane, victims);
            since = other.leavesNoStore() ? System.nanoTime() : since;
        }
        Thread.sleep(isLong ? TimeUnit.SECONDS.toMillis(goneSeconds) : standsMs(fault, other));
        goneForLong |= isLong;
        boolean otherFirst = random.nextBoolean();
        if (other != null && otherFirst) {
            heal(other, victims, since, false, outages);
            Thread.sleep(random.nextInt(800));
        }
        heal(fault, victims, since, isLong, outages);
        if (other != null && !otherFirst) {
            Thread.sleep(random.nextInt(800));
            heal(other, victims, since, false, outages);
        }
        faultsDone += other == null ? 1 : 2;
    }

    private void heal(ApiFault fault, Victims victims, long since, boolean alone, List<Outage> outages)
            throws IOException, InterruptedException {
        if (fault.leavesNoStore()) {
            outages.add(new Outage(since, System.nanoTime(), alone));
        }
        fault.heal(plane, victims);
    }

    private int standsMs(ApiFault fault, @Nullable ApiFault other) {
        if (!fault.leavesNoStore() && (other == null || !other.leavesNoStore())) {
            return 300 + random.nextInt(4_000);
        }
        return GONE_MS_MIN + random.nextInt(GONE_MS_MAX - GONE_MS_MIN);
    }

    private Witnesses witnesses(Manifests manifests) throws InterruptedException {
        EventRecorder store = new EventRecorder(
                plane.store(),
                PREFIX,
                random.nextInt(plane.store().members().size()),
                store("none", false).getHeader().getRevision() + 1);
        List<Informer> informers = new ArrayList<>();
        for (String resource : List.of("configmaps", "pods")) {
            for (ApiServerProcess server : plane.apiServers()) {
                // One looks at its namespace, the other at all, and selects.
                boolean all = server.number() == 1;
                informers.add(new Informer(
                        plane,
                        "the informer of " + resource + " that began at API server " + server.number(),
                        all ? "/api/v1/" + resource : manifests.path(new ObjectKey(resource, "")),
                        all ? "labelSelector=round%3D" + manifests.namespace() : "",
                        server.number(),
                        random.nextBoolean(),
                        random.split()));
            }
        }
        return new Witnesses(informers, store, new ReadinessWatch(plane));
    }

    private List<String> judge(Manifests manifests, List<Attempt> attempts, Witnesses witnesses, List<Outage> outages)
            throws IOException, InterruptedException {
        List<String> breaches = new ArrayList<>();
        Attempt lastMap = writeLast(manifests, "configmaps");
        Attempt lastPod = writeLast(manifests, "pods");
        List<Event> events = witnesses.store().seenUpTo(revision(lastPod), HEALTHY_SECONDS);
        witnesses.store().breaches().forEach(breach -> breaches.add("the store's own watcher saw " + breach));
        Judge judge = new Judge(StoreHistory.of(events, PREFIX, manifests.namespace()));
        judge.clients(
                Stream.concat(attempts.stream(), Stream.of(lastMap, lastPod)).toList());
        for (Informer informer : witnesses.informers()) {
            boolean pods = informer.name().contains("pods");
            long last = revision(pods ? lastPod : lastMap);
            List<Told> told = informer.toldUpTo(last, HEALTHY_SECONDS);
            judge.informer(informer.name(), pods ? "pods" : "configmaps", told, last);
            breaches.addAll(informer.breaches());
            eventsCompared += told.size();
            resumptions += informer.resumed();
            lists += informer.listed();
        }
        for (Outage outage : outages) {
            judge.outage(
                    outage,
                    attempts,
                    witnesses.readiness().answers(),
                    plane.apiServers().size());
        }
        agree(judge, manifests);
        breaches.addAll(judge.breaches());
        plane.store().assertSameContent();
        return breaches;
    }

    private void agree(Judge judge, Manifests manifests) throws IOException, InterruptedException {
        for (String resource : List.of("configmaps", "pods")) {
            for (ApiServerProcess server : plane.apiServers()) {
                Answer answer =
                        server.connection(HttpClient.Version.HTTP_2).get(manifests.path(new ObjectKey(resource, "")));
                if (!answer.successful()) {
                    throw new AssertionError("a healthy API server answers a list with " + answer.why());
                }
                List<Seen> items = new ArrayList<>();
                answer.body().path("items").forEach(item -> items.add(Seen.of((ObjectNode) item)));
                judge.agrees("API server " + server.number(), resource, Long.MAX_VALUE - 1, items);
            }
            List<Seen> stored = new ArrayList<>();
            for (KeyValue pair : store(PREFIX + resource + "/" + manifests.namespace() + "/", true)
                    .getKvsList()) {
                stored.add(Seen.stored(pair.getValue().toByteArray(), pair.getModRevision()));
            }
            judge.agrees("a read of the store", resource, Long.MAX_VALUE - 1, stored);
        }
    }

    private RangeResponse store(String key, boolean below) {
        RangeRequest.Builder request = RangeRequest.newBuilder().setKey(ByteString.copyFromUtf8(key));
        if (below) {
            request.setRangeEnd(ByteString.copyFromUtf8(key + "~"));
        }
        return KVGrpc.newBlockingStub(plane.store().channel(0))
                .withDeadlineAfter(HEALTHY_SECONDS, TimeUnit.SECONDS)
                .range(request.build());
    }

    private void makeNamespace(Manifests manifests) throws IOException, InterruptedException {
        String namespace = manifests.namespace();
        String metadata = "\"metadata\":{\"name\":\"%s\"}}";
        create("/api/v1/namespaces", "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\"," + metadata.formatted(namespace));
        // No controller makes it, and without it pods are refused.
        create(
                "/api/v1/namespaces/" + namespace + "/serviceaccounts",
                "{\"apiVersion\":\"v1\",\"kind\":\"ServiceAccount\"," + metadata.formatted("default"));
    }

    private Seen create(String path, String body) throws IOException, InterruptedException {
        Answer answer = plane.apiServer(random.nextInt(plane.apiServers().size()))
                .connection(HttpClient.Version.HTTP_2)
                .send("POST", path, "application/json", body);
        if (!answer.successful()) {
            throw new AssertionError("a healthy API server refused to create at " + path + ": " + answer.why());
        }
        return Seen.of(answer.body());
    }

    /** Writes what comes last of all. */
    private Attempt writeLast(Manifests manifests, String resource) throws IOException, InterruptedException {
        ObjectKey key = new ObjectKey(resource, "last");
        String mark = "last " + resource;
        long invoked = System.nanoTime();
        Seen object =
                create(manifests.path(new ObjectKey(resource, "")), Json.text(manifests.object(key, "last", mark)));
        return new Attempt(
                CLIENTS,
                0,
                key,
                new Attempt.Action.Write(Attempt.Verb.CREATE, mark, 0),
                new Outcome.Written(object),
                invoked,
                System.nanoTime());
    }

    private static long revision(Attempt attempt) {
        return attempt.outcome() instanceof Outcome.Written(Seen object) ? object.revision() : 0;
    }

    private void tell(List<Attempt> attempts) {
        for (Attempt attempt : attempts) {
            switch (attempt.outcome()) {
                // Of which object and revision a conflict tells is of no interest here.
                case Outcome.Refused(String why) ->
                    tally.refused(why.startsWith("409 ") ? why.substring(0, why.indexOf(':')) : why);
                case Outcome.Unknown(String why) -> tally.unknown(why);
                default -> tally.done(attempt.returnedNanos());
            }
        }
        tally.endRound();
    }

    /** {@code FOLDER SEED MINUTES GONE_SECONDS FAULT[,FAULT…] COMMAND…}: COMMAND runs {@code keelson}. */
    public static void main(String[] args) throws IOException, InterruptedException {
        if (args.length < 6) {
            System.err.println("usage: FOLDER SEED MINUTES GONE_SECONDS FAULT[,FAULT...] COMMAND...");
            System.exit(2);
        }
        List<ApiFault> faults =
                Arrays.stream(args[4].split(",")).map(ApiFault::named).toList();
        List<String> command = List.of(args).subList(5, args.length);
        try (ControlPlaneProcesses plane = new ControlPlaneProcesses(Path.of(args[0]), command)) {
            plane.start();
            new ApiFaultRun(plane, faults, Integer.parseInt(args[3]), Long.parseLong(args[1]))
                    .run(TimeUnit.MINUTES.toNanos(Long.parseLong(args[2])));
            System.out.println("no breach");
        }
        System.exit(0);
    }
}
