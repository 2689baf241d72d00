package io.keelson.agent.dns;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.keelson.agent.certificates.FollowedCertificate;
import io.keelson.agent.network.NodeLocalAddresses;
import io.keelson.controllers.manager.DurationConverter;
import io.keelson.controllers.manager.KubernetesVersion;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.process.GracefulShutdown;
import io.keelson.controllers.runtime.Time;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code keelson dns}: serves the DNS of a cluster until it is told to end. */
@Command(
        name = "dns",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        versionProvider = KubernetesVersion.class,
        description = "Serves the DNS of a cluster, until it is told to end.")
public final class DnsCommand implements Callable<Integer> {
    private static final Duration END_MAX = Duration.ofSeconds(10);

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description = "How to reach the API. Default: as kubectl finds it.")
    private @Nullable Path kubeconfig;

    @Option(
            names = "--listen",
            paramLabel = "ADDRESS[:PORT]",
            split = ",",
            defaultValue = "127.0.0.1:53",
            description = "Where questions are taken, by UDP and TCP. Default: ${DEFAULT-VALUE}.")
    private List<String> listen;

    @Option(
            names = "--cluster-dns",
            paramLabel = "ADDRESS",
            split = ",",
            description = "By which addresses the cluster knows this server. Default: those it listens on.")
    private List<String> clusterDns = List.of();

    @Option(
            names = "--node-local",
            description = "Put the addresses that it listens on on this node, on a link of their own, for as long as it"
                    + " runs: the cluster's DNS then answers on each node by the address of its Service.")
    private boolean nodeLocal;

    @Option(
            names = "--cluster-domain",
            paramLabel = "NAME",
            defaultValue = "cluster.local",
            description = "The domain of the cluster. Default: ${DEFAULT-VALUE}.")
    private String clusterDomain;

    @Option(
            names = "--pods",
            paramLabel = "WHICH",
            defaultValue = "insecure",
            description = "Which pods have records: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private PodRecords pods;

    @Option(
            names = "--ttl",
            paramLabel = "SECONDS",
            defaultValue = "5",
            description = "How long answers about the cluster may be remembered. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(
            names = "--resolv-conf",
            paramLabel = "FILE",
            defaultValue = "/etc/resolv.conf",
            description = "Names the servers that are asked for all else. Default: ${DEFAULT-VALUE}.")
    private Path resolvConf;

    @Option(
            names = "--forward",
            paramLabel = "ADDRESS[:PORT]",
            split = ",",
            description = "Who is asked for all else, instead of those that --resolv-conf names.")
    private List<String> forward = List.of();

    @Option(
            names = "--forward-policy",
            paramLabel = "ORDER",
            defaultValue = "random",
            description = "In which order they are asked: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private ForwardPolicy policy;

    @Option(
            names = "--forward-timeout",
            paramLabel = "TIME",
            defaultValue = "2s",
            converter = DurationConverter.class,
            description = "How long each has. Default: ${DEFAULT-VALUE}.")
    private Duration tryMax;

    @Option(
            names = "--max-concurrent",
            paramLabel = "NUMBER",
            defaultValue = "1000",
            description = "How many questions are forwarded at the same time. Default: ${DEFAULT-VALUE}.")
    private int concurrentMax;

    @Option(
            names = "--stub-domain",
            paramLabel = "NAME=ADDRESS[:PORT]",
            description = "A zone that a server of its own is asked for; given again for another zone or server.")
    private List<String> stubDomains = List.of();

    @Option(names = "--hosts", paramLabel = "FILE", description = "A file as /etc/hosts, which is asked first.")
    private @Nullable Path hosts;

    @Option(
            names = "--cache",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description =
                    "How long answers of others are remembered at most; 0 for not at all. Default: ${DEFAULT-VALUE}.")
    private int cacheSecondsMax;

    @Option(
            names = "--http",
            paramLabel = "ADDRESS:PORT",
            split = ",",
            description = "Where /health, /ready and /metrics are served. Default: nowhere.")
    private List<String> http = List.of();

    @Override
    public Integer call() {
        DnsSettings settings;
        List<InetSocketAddress> ports;
        try {
            settings = settings();
            ports = addresses(http, 9153);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "error: " + e.getMessage(), e);
        }
        try {
            return GracefulShutdown.run(END_MAX, () -> serve(settings, ports));
        } catch (IOException e) {
            spec.commandLine().getErr().println("error: " + e.getMessage());
            return 1;
        }
    }

    private int serve(DnsSettings settings, List<InetSocketAddress> ports) throws IOException, InterruptedException {
        PrometheusRegistry registry = new PrometheusRegistry();
        List<DnsPort> open = new ArrayList<>();
        try (Time time = Time.system();
                FollowedCertificate known = FollowedCertificate.of(api(), time);
                KubernetesClient client = known.client(List.of());
                NodeLocalAddresses local = nodeLocal ? local(settings.listen(), time) : null;
                ClusterDns dns = ClusterDns.alone(settings, client, time, registry)) {
            if (local != null) {
                local.start();
            }
            dns.start();
            for (InetSocketAddress port : ports) {
                open.add(new DnsPort(port, dns::isReady, registry));
            }
            GracefulShutdown.await();
            return 0;
        } finally {
            open.forEach(DnsPort::close);
        }
    }

    private static NodeLocalAddresses local(List<InetSocketAddress> listening, Time time)
            throws IOException, InterruptedException {
        List<Integer> ports =
                listening.stream().map(InetSocketAddress::getPort).distinct().toList();
        if (ports.size() != 1) {
            throw new IOException("--node-local needs one port for all of --listen, not " + ports);
        }
        return new NodeLocalAddresses(
                NodeLocalAddresses.NAME,
                listening.stream()
                        .map(address -> address.getAddress().getHostAddress())
                        .toList(),
                ports.getFirst(),
                null,
                time);
    }

    private Config api() throws IOException {
        if (kubeconfig != null && !Files.isReadable(kubeconfig)) {
            throw new IOException("--kubeconfig: " + kubeconfig + " cannot be read");
        }
        return kubeconfig == null ? Config.autoConfigure(null) : Config.fromKubeconfig(kubeconfig.toFile());
    }

    private DnsSettings settings() {
        List<InetSocketAddress> listening = addresses(listen, 53);
        Map<String, List<InetSocketAddress>> stubs = new HashMap<>();
        for (String stub : stubDomains) {
            int equals = stub.indexOf('=');
            if (equals <= 0) {
                throw new IllegalArgumentException("--stub-domain is NAME=ADDRESS, not " + stub);
            }
            stubs.computeIfAbsent(stub.substring(0, equals), ignored -> new ArrayList<>())
                    .add(address(stub.substring(equals + 1), 53));
        }
        List<InetSocketAddress> known = clusterDns.isEmpty() ? listening : addresses(clusterDns, 53);
        return new DnsSettings(
                listening,
                known.stream().map(address -> address.getAddress().getAddress()).toList(),
                clusterDomain,
                pods,
                seconds,
                new DnsSettings.Forwarding(
                        resolvConf, addresses(forward, 53), policy, stubs, concurrentMax, tryMax, cacheSecondsMax),
                hosts);
    }

    private static List<InetSocketAddress> addresses(List<String> texts, int port) {
        return texts.stream().map(text -> address(text, port)).toList();
    }

    /**
     * Reads {@code 10.0.0.1}, {@code 10.0.0.1:53}, {@code fd00::1} or {@code [fd00::1]:53}.
     *
     * @param port if the text has none
     */
    static InetSocketAddress address(String text, int port) {
        int colon = text.lastIndexOf(':');
        boolean isPlainV6 = text.indexOf(':') != colon && !text.startsWith("[");
        boolean hasPort = colon >= 0 && !isPlainV6 && !text.endsWith("]");
        String host = hasPort ? text.substring(0, colon) : text;
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        IpAddress address = IpAddress.parse(host);
        String number = hasPort ? text.substring(colon + 1) : Integer.toString(port);
        if (address == null || !number.matches("[0-9]{1,5}") || Integer.parseInt(number) > 65_535) {
            throw new IllegalArgumentException("\"" + text + "\" is not an address with or without a port");
        }
        return new InetSocketAddress(InetAddress.ofLiteral(address.toString()), Integer.parseInt(number));
    }
}
