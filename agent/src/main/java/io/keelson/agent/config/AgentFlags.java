package io.keelson.agent.config;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.agent.image.ContainerGarbagePolicy;
import io.keelson.agent.image.CredentialProviderFiles;
import io.keelson.controllers.manager.DurationConverter;
import io.keelson.controllers.manager.OriginalFlags;
import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.OrEmpty;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.IGetter;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.UnmatchedArgsBinding;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The flags of the kubelet, to be mixed into a command; those that are about fields of the configuration among them. */
public final class AgentFlags {
    private static final Pattern LABEL_VALUE = Pattern.compile("([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?");
    private static final Pattern LABEL_NAME = Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?");
    private static final Pattern LABEL_PREFIX =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");
    private static final int LABEL_MAX = 63;
    private static final int PREFIX_MAX = 253;

    /** Labels of Kubernetes that a node may give itself, besides those of the prefixes that are for that. */
    private static final List<String> OWN_LABELS = List.of(
            "beta.kubernetes.io/arch",
            "beta.kubernetes.io/instance-type",
            "beta.kubernetes.io/os",
            "failure-domain.beta.kubernetes.io/region",
            "failure-domain.beta.kubernetes.io/zone",
            "kubernetes.io/arch",
            "kubernetes.io/hostname",
            "kubernetes.io/os",
            "node.kubernetes.io/instance-type",
            "topology.kubernetes.io/region",
            "topology.kubernetes.io/zone");

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "A KubeletConfiguration of kubelet.config.k8s.io/v1beta1. Flags count more than it.")
    private @Nullable Path file;

    @Option(
            names = "--config-dir",
            paramLabel = "DIR",
            description = "A folder of files that end in .conf, each a KubeletConfiguration that says what is"
                    + " different; in the order of their names.")
    private @Nullable Path folder;

    @Option(names = "--kubeconfig", paramLabel = "FILE", description = "How to reach the API.")
    private @Nullable Path kubeconfig;

    @Option(
            names = "--bootstrap-kubeconfig",
            paramLabel = "FILE",
            description = "How to reach the API to ask for a certificate, if the file of --kubeconfig is not there. It"
                    + " is written then.")
    private @Nullable Path bootstrapKubeconfig;

    @Option(
            names = "--hostname-override",
            paramLabel = "NAME",
            description = "The name of this node. Default: the host's name")
    private @Nullable String hostname;

    @Option(
            names = "--node-ip",
            split = ",",
            paramLabel = "IP",
            description = "The node's IP address, or one of each family. 0.0.0.0 and :: stand for the machine's own"
                    + " of that family. Default: the one through which it reaches others")
    private List<String> nodeIp = List.of();

    @Option(
            names = "--node-labels",
            split = ",",
            paramLabel = "KEY=VALUE",
            description = "Labels that the node's object is made with.")
    private List<String> nodeLabels = List.of();

    @Option(names = "--provider-id", paramLabel = "ID", description = "How the node's cloud calls it.")
    private @Nullable String providerId;

    @Option(
            names = "--cloud-provider",
            paramLabel = "NAME",
            description = "external: a cloud's controller says the addresses of the node, and takes its taint"
                    + " node.cloudprovider.kubernetes.io/uninitialized away. Default: none")
    private @Nullable String cloudProvider;

    @Option(
            names = "--root-dir",
            defaultValue = "/var/lib/kubelet",
            paramLabel = "DIR",
            description = "Where files of pods are. Default: /var/lib/kubelet")
    private Path rootDir;

    @Option(
            names = "--cert-dir",
            defaultValue = "/var/lib/kubelet/pki",
            paramLabel = "DIR",
            description = "Where certificates and keys are that are asked for or made. Default: /var/lib/kubelet/pki")
    private Path certDir;

    @Option(
            names = "--minimum-container-ttl-duration",
            defaultValue = "0",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How long a dead container is left alone. Default: 0")
    private Duration deadAge;

    @Option(
            names = "--maximum-dead-containers-per-container",
            defaultValue = "1",
            paramLabel = "N",
            description = "How many dead runs are kept of each container. Default: 1")
    private int deadOfEach;

    @Option(
            names = "--maximum-dead-containers",
            defaultValue = "-1",
            paramLabel = "N",
            description = "How many of all together; -1 for all. Default: -1")
    private int dead;

    @Option(
            names = "--image-credential-provider-config",
            paramLabel = "FILE",
            description = "A CredentialProviderConfig of kubelet.config.k8s.io/v1: which programs say who may pull"
                    + " which images.")
    private @Nullable Path providerFile;

    @Option(
            names = "--image-credential-provider-bin-dir",
            paramLabel = "DIR",
            description = "Where these programs are.")
    private @Nullable Path providerFolder;

    private final Others others = new Others();
    private @Nullable CommandSpec command;

    /** What is left over of a command line, cleared before the next one. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // As the library has it.
    private static final class Others implements IGetter, ISetter {
        private List<String> words = new ArrayList<>();

        @Override
        public <T> T get() {
            return (T) words;
        }

        @Override
        public <T> T set(T value) {
            words = value == null ? new ArrayList<>() : (List<String>) value;
            return value;
        }
    }

    /** Adds the flags that are about fields; what is no flag of either kind is kept to be looked at. */
    @Spec(Spec.Target.MIXEE)
    void mixee(CommandSpec mixee) {
        command = mixee;
        ConfigurationFlags.addTo(mixee);
        mixee.addUnmatchedArgsBinding(UnmatchedArgsBinding.forStringCollectionSupplier(others));
    }

    /**
     * What file, drop-ins and flags say together. To be called once the command line is read, before the others.
     *
     * @param told is told of each flag and field that is set and changes nothing here
     * @throws IOException if a file cannot be read; its text names it
     * @throws IllegalArgumentException if something makes no sense; its text names flag or field
     */
    public KubeletConfiguration configuration(Consumer<String> told) throws IOException {
        OriginalFlags.check("kubelet", others.words, told);
        ObjectNode tree = ConfigurationFiles.read(Optional.ofNullable(file), Optional.ofNullable(folder));
        if (command != null) {
            ConfigurationFlags.write(command, tree);
        }
        if (providerId != null) {
            tree.put("providerID", providerId);
        }
        var _ = nodeLabels();
        var _ = nodeIps();
        var _ = externalCloud();
        var _ = credentialProviders();
        return KubeletConfiguration.of(tree, told);
    }

    /** The file that says how to reach the API; empty if none was named. */
    public Optional<Path> kubeconfig() {
        return Optional.ofNullable(kubeconfig);
    }

    /** The file that says how to reach it for a first certificate. */
    public Optional<Path> bootstrapKubeconfig() {
        return Optional.ofNullable(bootstrapKubeconfig);
    }

    /**
     * The name of the node, in small letters.
     *
     * @return empty if it is that of the host
     * @throws IllegalArgumentException if it is blank
     */
    public Optional<String> hostname() {
        if (hostname == null || hostname.isEmpty()) {
            return Optional.empty();
        }
        String name = hostname.strip().toLowerCase(Locale.ROOT);
        if (name.isEmpty()) {
            throw new IllegalArgumentException("empty hostname-override is invalid");
        }
        return Optional.of(name);
    }

    /**
     * The node's IP addresses: none if nothing is said, one, or one of each family. {@code 0.0.0.0} and {@code ::}
     * stand for the machine's own of that family.
     *
     * @throws IllegalArgumentException if they are none
     */
    public List<String> nodeIps() {
        List<IpAddress> addresses = new ArrayList<>();
        for (String text : nodeIp) {
            if (text.isBlank()) {
                continue;
            }
            IpAddress address = IpAddress.parse(text.strip());
            if (address == null) {
                throw new IllegalArgumentException("bad --node-ip \"" + text + "\": it is no IP address");
            }
            addresses.add(address);
        }
        if (addresses.size() > 2
                || (addresses.size() == 2
                        && addresses.getFirst().isV6() == addresses.getLast().isV6())) {
            throw new IllegalArgumentException("bad --node-ip \"" + String.join(",", nodeIp)
                    + "\": must contain either a single IP or a" + " dual-stack pair of IPs");
        }
        return addresses.stream().map(IpAddress::toString).toList();
    }

    /**
     * Labels that the node's object is made with.
     *
     * @throws IllegalArgumentException if one is none, or one that a node may not give itself
     */
    public Map<String, String> nodeLabels() {
        Map<String, String> labels = new LinkedHashMap<>();
        for (String pair : nodeLabels) {
            if (pair.isBlank()) {
                continue;
            }
            int equals = pair.indexOf('=');
            String key = (equals < 0 ? pair : pair.substring(0, equals)).strip();
            String value = equals < 0 ? "" : pair.substring(equals + 1).strip();
            check(key, value);
            labels.put(key, value);
        }
        return Map.copyOf(labels);
    }

    private static void check(String key, String value) {
        int slash = key.indexOf('/');
        String prefix = slash < 0 ? "" : key.substring(0, slash);
        String name = key.substring(slash + 1);
        boolean isKey = name.length() <= LABEL_MAX
                && LABEL_NAME.matcher(name).matches()
                && (slash < 0
                        || (prefix.length() <= PREFIX_MAX
                                && LABEL_PREFIX.matcher(prefix).matches()));
        if (!isKey || value.length() > LABEL_MAX || !LABEL_VALUE.matcher(value).matches()) {
            throw new IllegalArgumentException("--node-labels: \"" + key + '=' + value + "\" is no label");
        }
        boolean isKubernetes = isOf(prefix, "kubernetes.io") || isOf(prefix, "k8s.io");
        boolean isForNodes = isOf(prefix, "kubelet.kubernetes.io") || isOf(prefix, "node.kubernetes.io");
        if (isKubernetes && !isForNodes && !OWN_LABELS.contains(key)) {
            throw new IllegalArgumentException("unknown 'kubernetes.io' or 'k8s.io' labels specified with"
                    + " --node-labels: [" + key + "]; --node-labels in the 'kubernetes.io' namespace must begin with"
                    + " an allowed prefix (kubelet.kubernetes.io, node.kubernetes.io) or be in the specifically"
                    + " allowed set (" + String.join(", ", OWN_LABELS) + ")");
        }
    }

    private static boolean isOf(String prefix, String domain) {
        return prefix.equals(domain) || prefix.endsWith('.' + domain);
    }

    /**
     * Whether a cloud's controller is to say what the node is.
     *
     * @throws IllegalArgumentException if a cloud is to be built in
     */
    public boolean externalCloud() {
        String name = OrEmpty.of(cloudProvider);
        if (!name.isEmpty() && !name.equals("external")) {
            throw new IllegalArgumentException(
                    "--cloud-provider=" + name + " cannot be had: no cloud is built in," + " only external");
        }
        return !name.isEmpty();
    }

    /**
     * The programs that say who may pull images; empty if there are none.
     *
     * @throws IllegalArgumentException if one of both flags is missing
     */
    public Optional<CredentialProviderFiles> credentialProviders() {
        if (providerFile == null && providerFolder == null) {
            return Optional.empty();
        }
        if (providerFile == null || providerFolder == null) {
            throw new IllegalArgumentException("--image-credential-provider-config and"
                    + " --image-credential-provider-bin-dir need each other: say both, or none");
        }
        return Optional.of(new CredentialProviderFiles(
                providerFile.toAbsolutePath(), providerFolder.toAbsolutePath().normalize()));
    }

    /** Where files of pods are. */
    public Path rootDir() {
        return rootDir.toAbsolutePath().normalize();
    }

    /** Where certificates and keys are. */
    public Path certDir() {
        return certDir.toAbsolutePath().normalize();
    }

    /** How many dead containers are kept. */
    public ContainerGarbagePolicy deadContainers() {
        return new ContainerGarbagePolicy(deadAge, deadOfEach, dead);
    }
}
