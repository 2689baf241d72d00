package io.keelson.apiserver.server;

import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.store.EtcdConnection;
import io.keelson.kvstore.server.SecondSignal;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** {@code keelson apiserver}: runs an API server with the flags of kube-apiserver until it is told to stop. */
@Command(
        name = "apiserver",
        description = {
            "Runs a Kubernetes API server, with kube-apiserver's flags.",
            "Without --etcd-servers it has a store of its own, and makes the keys and certificates it needs."
        },
        sortOptions = false)
public final class ApiServerCommand implements Callable<Integer> {
    private static final int DETAILS = 4;

    /** As that of a kube-apiserver. */
    private static final int EXIT_CODE_AT_SECOND_SIGNAL = 1;

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows these flags, and ends.")
    boolean help;

    @Option(
            names = "--version",
            arity = "0..1",
            fallbackValue = "true",
            defaultValue = "false",
            paramLabel = "raw",
            description = "Says which version this is, and ends; with raw, all that /version says.")
    private String version;

    @Option(names = "--bind-address", defaultValue = "0.0.0.0", description = "Where to listen. Default: 0.0.0.0")
    private String bindAddress;

    @Option(
            names = "--secure-port",
            defaultValue = "6443",
            description = "On which port; 0 takes one that is free. Default: 6443")
    private int securePort;

    @Option(
            names = "--etcd-servers",
            split = ",",
            paramLabel = "URL",
            description = "The store: http://host:port or https://host:port, separated by commas, or unix://path.")
    private @Nullable List<String> etcdServers;

    @Option(
            names = "--etcd-prefix",
            defaultValue = "/registry",
            description = "What all keys begin with. Default: /registry")
    private String etcdPrefix;

    @Option(names = "--etcd-cafile", paramLabel = "FILE", description = "Whose certificates the store may show.")
    private @Nullable Path etcdCaFile;

    @Option(names = "--etcd-certfile", paramLabel = "FILE", description = "The certificate to show to the store.")
    private @Nullable Path etcdCertFile;

    @Option(names = "--etcd-keyfile", paramLabel = "FILE", description = "The key of that certificate.")
    private @Nullable Path etcdKeyFile;

    @Option(
            names = "--embedded-store",
            arity = "0..1",
            fallbackValue = "keelson-data/store",
            paramLabel = "DIR",
            description = "A store of its own in this folder; the default where no --etcd-servers are given, in"
                    + " keelson-data/store.")
    private @Nullable Path embeddedStore;

    @Option(
            names = "--cert-dir",
            defaultValue = "keelson-data/pki",
            paramLabel = "DIR",
            description =
                    "Where keys and certificates are; what is missing is made. Default: keelson-data/pki, or nowhere"
                            + " that lasts where flags name all that has to last")
    private Path certDir;

    @Option(
            names = "--write-kubeconfig",
            paramLabel = "FILE",
            description = "Write a kubeconfig for the administrator there, readable by its owner only.")
    private @Nullable Path writeKubeconfig;

    @Option(
            names = "--authorization-mode",
            split = ",",
            defaultValue = "Node,RBAC",
            paramLabel = "MODE",
            description =
                    "Who decides, in this order: Node, RBAC, ABAC, Webhook, AlwaysAllow, AlwaysDeny. With Node, the"
                            + " admission plugin NodeRestriction is on unless it is disabled. Default: Node,RBAC")
    private List<String> authorizationModes;

    @Option(
            names = "--anonymous-auth",
            arity = "0..1",
            defaultValue = "true",
            fallbackValue = "true",
            description = "Whether requests that show nothing are let in as system:anonymous. Default: true")
    private boolean anonymousAuth;

    @Option(
            names = "--service-cluster-ip-range",
            defaultValue = "10.96.0.0/12",
            paramLabel = "CIDR",
            description = "Addresses of Services; two ranges, of different families, with a comma. Default:"
                    + " 10.96.0.0/12")
    private String serviceRange;

    @Option(
            names = "--event-ttl",
            defaultValue = "1h",
            paramLabel = "DURATION",
            description = "How long events stay. Default: 1h")
    private String eventTtl;

    @Option(
            names = "--min-request-timeout",
            defaultValue = "1800",
            paramLabel = "SECONDS",
            description = "How long a watch lasts at least, and less than twice that, unless the client says"
                    + " otherwise. Default: 1800")
    private int minRequestTimeout;

    @Option(
            names = {"-v", "--v"},
            defaultValue = "0",
            paramLabel = "LEVEL",
            description = "How much is logged: from 4 on, details. Default: 0")
    private int verbosity;

    @Option(
            names = "--vmodule",
            split = ",",
            paramLabel = "PATTERN=LEVEL",
            description = "How much is logged by classes whose names, without packages, match a pattern: from 4 on,"
                    + " details, as with EtcdStore=4,Watch*=4.")
    private List<String> verboseFiles = List.of();

    /** What is no flag here; {@link MissingFlags} knows what to say to it. */
    @Unmatched
    private List<String> others = new ArrayList<>();

    @Mixin
    private LogFlags logFlags;

    @Mixin
    private ClusterFlags clusterFlags;

    @Mixin
    private AccessFlags accessFlags;

    /**
     * Starts a server by flags, for a program that is more than that; returns when it serves.
     *
     * @throws IllegalArgumentException if one is none, or says what cannot be; its text names it
     * @throws IOException if it cannot start; nothing is left running then
     */
    public static ApiServer start(List<String> flags) throws IOException, InterruptedException {
        ApiServerCommand command = new ApiServerCommand();
        try {
            new CommandLine(command).parseArgs(flags.toArray(String[]::new));
            ServerLog.configure(command.verbosity >= DETAILS, command.detailedFiles(), command.logFlags.form());
            return ApiServer.start(command.config());
        } catch (ParameterException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        } catch (ApiException e) {
            throw new IOException(e.message(), e);
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        String refusal = MissingFlags.refusal(others);
        if (refusal != null) {
            err.println("keelson apiserver: " + refusal);
            return 1;
        }
        switch (version) {
            case "false" -> {}
            case "true" -> {
                out.println(VersionDocument.line());
                return 0;
            }
            case "raw" -> {
                out.println(VersionDocument.struct());
                return 0;
            }
            default -> {
                err.println("keelson apiserver: --version is true, false or raw, not " + version);
                return 1;
            }
        }
        ApiServerConfig config;
        try {
            ServerLog.configure(verbosity >= DETAILS, detailedFiles(), logFlags.form());
            config = config();
        } catch (IllegalArgumentException e) {
            err.println("keelson apiserver: " + e.getMessage());
            return 1;
        }
        CountDownLatch stop = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            SecondSignal.endsProcess(EXIT_CODE_AT_SECOND_SIGNAL, EXIT_CODE_AT_SECOND_SIGNAL);
            stop.countDown();
            try {
                // The process must not end before the server has closed.
                closed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }));
        try (ApiServer server = ApiServer.start(config)) {
            out.println("Serving at " + server.url());
            Path kubeconfig = writeKubeconfig;
            if (kubeconfig != null) {
                out.println("Next: kubectl --kubeconfig " + kubeconfig + " get namespaces");
            } else if (config.certificateFolder() != null) {
                out.println("Certificates are in " + certDir + "; --write-kubeconfig FILE writes what kubectl needs.");
            }
            out.flush();
            stop.await();
            return 0;
        } catch (ApiException e) {
            // What it makes at its start could not be made: the store is not there, for example.
            err.println("keelson apiserver: cannot start: " + e.message());
            return 1;
        } catch (IOException | IllegalArgumentException e) {
            err.println("keelson apiserver: " + e.getMessage());
            return 1;
        } finally {
            closed.countDown();
        }
    }

    /** @throws IllegalArgumentException naming the flag if it says something else */
    DetailedFiles detailedFiles() {
        return DetailedFiles.of(verboseFiles, DETAILS);
    }

    /** @throws IllegalArgumentException naming flags that there are not, or that cannot be used, or not together */
    ApiServerConfig config() {
        var _ = logFlags.form();
        String refusal = MissingFlags.refusal(others);
        if (refusal != null) {
            throw new IllegalArgumentException(refusal);
        }
        EtcdConnection etcd = null;
        if (etcdServers != null) {
            if (embeddedStore != null) {
                throw new ParameterException(
                        spec.commandLine(), "--etcd-servers and --embedded-store do not go together");
            }
            etcd = new EtcdConnection(etcdServers, etcdCaFile, etcdCertFile, etcdKeyFile, etcdPrefix);
        }
        if (minRequestTimeout < 0) {
            throw new IllegalArgumentException("--min-request-timeout can not be negative value");
        }
        ClusterSettings cluster = clusterFlags.settings(etcd != null).withAccess(accessFlags.settings());
        return new ApiServerConfig(
                bindAddress,
                securePort,
                etcd,
                embeddedStore == null ? Path.of("keelson-data", "store") : embeddedStore,
                certificatesLast() ? certDir : null,
                writeKubeconfig,
                authorizationModes,
                anonymousAuth,
                serviceRange,
                duration("--event-ttl", eventTtl),
                Duration.ofSeconds(minRequestTimeout),
                cluster.withApi(cluster.api().withFlags(ShownFlags.of(spec))));
    }

    /** Whether something has to be kept in {@code --cert-dir}: all that clients and tokens rest on may be elsewhere. */
    private boolean certificatesLast() {
        return writeKubeconfig != null
                || stated("--cert-dir")
                || !stated("--tls-cert-file")
                || !stated("--client-ca-file")
                || !(stated("--service-account-signing-key-file") || stated("--service-account-signing-endpoint"));
    }

    private boolean stated(String flag) {
        return spec.commandLine().getParseResult().hasMatchedOption(flag);
    }

    private Duration duration(String flag, String text) {
        try {
            return DurationText.of(flag, text);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }
}
