package io.keelson.benchmarks.proxy;

import io.keelson.agent.netlink.NetlinkException;
import io.keelson.agent.netlink.NetlinkSocket;
import io.keelson.controllers.objects.IpPrefix;
import io.keelson.proxy.nft.NftForwarding;
import io.keelson.proxy.nft.TableSettings;
import io.keelson.proxy.nft.TableWatch;
import io.keelson.proxy.rules.Family;
import io.keelson.proxy.rules.LocalTraffic;
import io.keelson.proxy.rules.PortRules;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.NetworkInterface;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code keelson bench proxy}: what many Services cost in the kernel. */
@Command(
        name = "proxy",
        mixinStandardHelpOptions = true,
        description =
                "Writes the rules of many Services into the kernel, and prints how long changes and first packets "
                        + "take. Works in the network namespace that it is started in, which must not be the machine's own: "
                        + "scripts/bench proxy makes one.")
public final class ProxyBenchCommand implements Callable<Integer> {
    private static final int WARMING = 3000;
    private static final int CHANGES = 3000;
    private static final int NFT_SECONDS_MAX = 60;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final String POD = "10.244.1.2";

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--services",
            split = ",",
            paramLabel = "N",
            defaultValue = "1,1000,5000,10000,30000",
            description = "How many, one measurement for each number. Default: ${DEFAULT-VALUE}")
    private List<Integer> services = List.of();

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<String> links = NetworkInterface.networkInterfaces()
                .map(NetworkInterface::getName)
                .filter(name -> !name.equals("lo"))
                .toList();
        if (!links.equals(List.of("pod"))) {
            throw new ParameterException(
                    spec.commandLine(),
                    "error: this network has the links " + links + ", so it is not one that was made for this; run"
                            + " scripts/bench proxy, which makes one");
        }
        for (int number : services) {
            if (number < 1 || number >= SampleServices.SERVICES_MAX) {
                throw new ParameterException(
                        spec.commandLine(),
                        "error: --services takes numbers from 1 to " + (SampleServices.SERVICES_MAX - 1) + ", not "
                                + number);
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("                                                       in milliseconds, p50/p99");
        out.println("services | written | others' table | ours put right | endpoint changed |   first packet |"
                + " without a Service");
        out.flush();
        // The first one of all is slower than any other: classes are loaded, and code is compiled.
        String _ = measure(1000);
        for (int number : services) {
            out.println(measure(number));
            out.flush();
        }
        return 0;
    }

    private static String measure(int services) throws IOException, InterruptedException {
        try (NetlinkSocket socket = new NetlinkSocket(NetlinkSocket.NETFILTER);
                TableWatch watch = new TableWatch(
                        new NetlinkSocket(NetlinkSocket.NETFILTER),
                        Set.of(socket.port()),
                        NftForwarding.TABLE,
                        () -> {})) {
            NftForwarding forwarding = new NftForwarding(socket, settings());
            forwarding.watchedBy(watch);
            List<PortRules> all = new ArrayList<>();
            for (int i = 0; i < services; i++) {
                all.add(SampleServices.whole(i));
            }
            long start = System.nanoTime();
            forwarding.apply(all, List.of(), List.of());
            double written = millis(System.nanoTime() - start);
            nft("add table ip other; delete table ip other");
            double others = check(forwarding, false);
            // The largest of the maps, so that none takes longer.
            nft("add element ip keelson-proxy cluster-endpoints { 192.0.2.1 . udp . 1 . 1 : 192.0.2.2 . 1 }");
            double ours = check(forwarding, true);
            Random random = new Random(services);
            long[] _ = change(forwarding, services, random, WARMING);
            long[] changes = change(forwarding, services, random, CHANGES);
            // The Service that packets are sent to leads to one endpoint that is there.
            forwarding.apply(List.of(SampleServices.rules(services, List.of(POD))), List.of(), null);
            long[] packets = FirstPackets.send(SampleServices.clusterIp(services), SampleServices.PORT);
            long[] direct = FirstPackets.send(POD, SampleServices.TARGET_PORT);
            forwarding.remove();
            return String.format(
                    "%8d | %4.0f ms | %10.1f ms | %11.1f ms | %16s | %14s | %s",
                    services, written, others, ours, figures(changes), figures(packets), figures(direct));
        }
    }

    private static TableSettings settings() {
        return new TableSettings(
                Family.IPV4,
                14,
                false,
                new LocalTraffic.FromRange(Objects.requireNonNull(IpPrefix.parse("10.244.0.0/16"))),
                List.of(),
                false,
                false);
    }

    /** Somebody else's change. */
    private static void nft(String commands) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder("nft", commands).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (!process.waitFor(NFT_SECONDS_MAX, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("nft takes too long: " + commands);
        }
        if (process.exitValue() != 0) {
            throw new IOException("nft " + commands + ": " + said);
        }
    }

    private static double check(NftForwarding forwarding, boolean isHarmed) throws NetlinkException {
        long start = System.nanoTime();
        if (forwarding.check() != isHarmed) {
            throw new IllegalStateException(isHarmed ? "a change was not found" : "a change was found where none was");
        }
        double took = millis(System.nanoTime() - start);
        if (forwarding.check()) {
            throw new IllegalStateException("what was put right is found to be wrong");
        }
        return took;
    }

    private static long[] change(NftForwarding forwarding, int services, Random random, int count)
            throws NetlinkException {
        long[] nanos = new long[count];
        for (int i = 0; i < count; i++) {
            PortRules changed = SampleServices.changed(
                    random.nextInt(services), random.nextInt(SampleServices.ENDPOINTS), random.nextInt(200));
            long start = System.nanoTime();
            forwarding.apply(List.of(changed), List.of(), null);
            nanos[i] = System.nanoTime() - start;
        }
        return nanos;
    }

    private static double millis(long nanos) {
        return nanos / NANOS_PER_MILLI;
    }

    private static String figures(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return String.format(
                "%.3f / %.3f", millis(sorted[sorted.length / 2]), millis(sorted[sorted.length * 99 / 100]));
    }
}
