package io.keelson.dist.kills;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Rounds of kills, the first half of them with the whole cluster in one process, the other half with the node's parts in
 * processes of their own. A killed part is begun again after a while, in which further kills come.
 */
final class KillRun {
    private static final int KILLS_PER_ROUND = 50;
    private static final int ANSWER_MS_MAX = 20_000;
    private static final Duration LOOK = Duration.ofMillis(500);
    private static final Duration SETTLE_MAX = Duration.ofMinutes(8);
    /** What is left of pods is looked for once a minute. */
    private static final Duration EMPTY_MAX = Duration.ofMinutes(5);

    private final NodeProcesses processes;
    private final Path runs;
    private final SplittableRandom random;
    private final KubernetesClient client;
    private final Machine machine;
    private final Map<Victim, Integer> kills = new EnumMap<>(Victim.class);
    private final Map<Victim, Long> away = new EnumMap<>(Victim.class);

    private KillRun(NodeProcesses processes, Path folder, long seed) throws IOException {
        this.processes = processes;
        this.runs = folder.resolve("runs");
        this.random = new SplittableRandom(seed);
        this.client = connect(processes.cluster().resolve("kubeconfig"));
        this.machine = new Machine(NodeFiles.of(processes.cluster()), processes.temporary());
    }

    private static KubernetesClient connect(Path kubeconfig) throws IOException {
        Config config = new ConfigBuilder(Config.fromKubeconfig(Files.readString(kubeconfig)))
                .withRequestTimeout(ANSWER_MS_MAX)
                .withConnectionTimeout(ANSWER_MS_MAX)
                .withRequestRetryBackoffLimit(0)
                .build();
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    private int killed() {
        return kills.values().stream().mapToInt(Integer::intValue).sum();
    }

    /**
     * Runs all of it.
     *
     * @param layouts whether parts are apart, for each share of the kills
     */
    private void run(int wanted, List<Boolean> layouts) throws IOException, InterruptedException {
        long begun = System.nanoTime();
        for (int i = 0; i < layouts.size(); i++) {
            boolean isApart = layouts.get(i);
            if (isApart) {
                processes.end();
                processes.start(true);
            }
            Belongings before = quietRound();
            System.out.printf(
                    "%s: without a pod there are %s%n",
                    isApart ? "parts apart" : "all in one process", before.counts());
            int end = wanted * (i + 1) / layouts.size();
            while (killed() < end) {
                round(Math.min(KILLS_PER_ROUND, end - killed()), before);
            }
        }
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun);
        System.out.printf(
                "%,d kills in %,d s, %.1f a minute: %s; nothing is left behind and nothing ran twice%n",
                killed(), seconds, killed() * 60.0 / Math.max(1, seconds), kills);
    }

    /** Makes everything once and deletes it, so that what is made once and kept is there. Returns what there is then. */
    private Belongings quietRound() throws IOException, InterruptedException {
        try (Workload workload = new Workload(client, random.split(), runs)) {
            Judge judge = new Judge(client, machine, runs);
            prepare(workload);
            settle(judge);
            removeAll(workload);
        }
        // What takes note only now of what is gone is done then.
        Thread.sleep(Duration.ofSeconds(5));
        return machine.count();
    }

    private void round(int wanted, Belongings before) throws IOException, InterruptedException {
        Judge judge = new Judge(client, machine, runs);
        try (Workload workload = new Workload(client, random.split(), runs)) {
            prepare(workload);
            workload.begin();
            int end = killed() + wanted;
            int unseen = 0;
            while (killed() < end) {
                Thread.sleep(random.nextInt(100) < 70 ? random.nextInt(600) : random.nextInt(4_000));
                beginAgain(false);
                strike(judge);
                judge.lookForTwins();
                try {
                    judge.lookAtTheApi();
                } catch (KubernetesClientException away) {
                    unseen++;
                }
            }
            workload.rest();
            // How long a container has to wait is what an agent forgets when it ends; so nobody waits for that.
            kill(processes.agent());
            beginAgain(true);
            System.out.printf("%,d kills %s, %d looks met no API; %s%n", killed(), kills, unseen, workload.told());
            long began = System.nanoTime();
            settle(judge);
            long settled = System.nanoTime();
            List<String> wrong = new ArrayList<>();
            await(SETTLE_MAX, "the API does not answer", () -> {
                judge.lookAtTheApi();
                wrong.clear();
                wrong.addAll(judge.wrong(workload));
                return List.of();
            });
            if (!wrong.isEmpty()) {
                throw new AssertionError(String.join("\n", wrong));
            }
            removeAll(workload);
            awaitAsBefore(before);
            System.out.printf(
                    "  settled after %.1f s, empty after %.1f s%n",
                    (settled - began) / 1e9, (System.nanoTime() - settled) / 1e9);
        }
    }

    /** Kills one, whichever it is the turn of. */
    private void strike(Judge judge) throws IOException {
        Victim victim = Victim.next(random, processes.isApart());
        if (victim.isPart()) {
            // One that is being started may be killed, too, but must not be so each time.
            if (processes.isAlive(victim) && (victim != Victim.UP || processes.isUp() || random.nextInt(4) == 0)) {
                kill(victim);
                away.put(victim, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(random.nextInt(2_000)));
            }
        } else if (victim == Victim.SHIM) {
            List<RunningPod> pods = machine.pods();
            if (!pods.isEmpty()) {
                RunningPod pod = Machine.any(pods, random);
                judge.hit(pod.uid());
                count(victim, Machine.kill(pod.shim()));
            }
        } else {
            Map<Long, String> all = machine.containers();
            if (!all.isEmpty()) {
                long process = Machine.any(all.keySet().stream().sorted().toList(), random);
                String pod = machine.podOf(String.valueOf(all.get(process)));
                if (pod != null) {
                    judge.hit(pod);
                    count(victim, Machine.kill(process));
                }
            }
        }
    }

    private void kill(Victim part) {
        processes.kill(part);
        count(part, true);
    }

    private void count(Victim victim, boolean wasThere) {
        if (wasThere) {
            kills.merge(victim, 1, Integer::sum);
        }
    }

    /** Starts parts whose time away is over, or all. */
    private void beginAgain(boolean all) throws IOException {
        for (Victim part : processes.parts()) {
            Long until = away.get(part);
            // Some end by themselves, too, while there is no API.
            if (!processes.isAlive(part) && (all || until == null || System.nanoTime() - until >= 0)) {
                processes.begin(part);
                away.remove(part);
            }
        }
    }

    private void settle(Judge judge) throws IOException, InterruptedException {
        await(SETTLE_MAX, "not all is as it should be", judge::unsettled);
    }

    private void prepare(Workload workload) throws IOException, InterruptedException {
        await(SETTLE_MAX, "the API takes nothing", () -> {
            workload.prepare();
            return List.of();
        });
    }

    private void removeAll(Workload workload) throws IOException, InterruptedException {
        await(SETTLE_MAX, "the API takes nothing", () -> {
            workload.removeAll();
            return List.of();
        });
        await(EMPTY_MAX, "there are still", workload::left);
    }

    private void awaitAsBefore(Belongings before) throws IOException, InterruptedException {
        await(EMPTY_MAX, "not all was given back", () -> machine.count().since(before));
    }

    private interface Look {
        /** What is not so yet. */
        List<String> look() throws IOException, InterruptedException;
    }

    private void await(Duration limit, String what, Look look) throws IOException, InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            beginAgain(true);
            List<String> problems;
            try {
                problems = look.look();
            } catch (KubernetesClientException away) {
                problems = List.of(String.valueOf(away.getMessage()));
            }
            if (problems.isEmpty()) {
                return;
            }
            if (System.nanoTime() - end > 0) {
                throw new AssertionError(what + " after " + limit.toSeconds() + " s, after " + killed() + " kills:\n  "
                        + String.join("\n  ", problems));
            }
            Thread.sleep(LOOK);
        }
    }

    /**
     * Runs one.
     *
     * @param args a folder, the seed, how many kills, {@code together}, {@code apart} or {@code both}, whether all stays as it is
     *     when something is wrong, until this is ended; and the command of keelson
     */
    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        long seed = Long.parseLong(args[1]);
        System.out.println("seed " + seed);
        List<String> command = new ArrayList<>(Arrays.asList(args).subList(5, args.length));
        List<Boolean> layouts = switch (args[3]) {
            case "together" -> List.of(false);
            case "apart" -> List.of(true);
            case "both" -> List.of(false, true);
            default -> throw new IllegalArgumentException("no layout " + args[3]);
        };
        @Nullable AssertionError failure = null;
        try (NodeProcesses processes = new NodeProcesses(folder, command)) {
            try {
                processes.start(false);
                new KillRun(processes, folder, seed).run(Integer.parseInt(args[2]), layouts);
            } catch (AssertionError e) {
                failure = e;
                System.out.println("FAILED: " + e.getMessage());
                if (Boolean.parseBoolean(args[4])) {
                    System.out.println("all stays as it is, in the namespaces of process "
                            + ProcessHandle.current().pid());
                    Thread.sleep(Duration.ofDays(1));
                }
            }
        }
        System.exit(failure == null ? 0 : 1);
    }
}
