package io.keelson.proxy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.keelson.controllers.manager.KubernetesVersion;
import io.keelson.controllers.process.Host;
import io.keelson.proxy.config.ConfigurationFile;
import io.keelson.proxy.config.ProxyConfiguration;
import io.keelson.proxy.config.ProxySettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;

/** {@code keelson proxy}: leads packets to Services on this node, with the flags and the configuration file of kube-proxy. */
@Command(
        name = "proxy",
        description = "Leads packets to Services to their endpoints on this node, with kube-proxy's flags.",
        sortOptions = false,
        versionProvider = KubernetesVersion.class)
public final class ProxyCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(ProxyCommand.class);

    @Spec
    private CommandSpec spec;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows these flags, and ends.")
    boolean help;

    @Option(names = "--version", versionHelp = true, description = "Says which version this is, and ends.")
    boolean version;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "A KubeProxyConfiguration of kubeproxy.config.k8s.io/v1alpha1. With it, flags that it has"
                    + " fields for mean nothing, but for --hostname-override. When it changes, the process ends.")
    private @Nullable Path file;

    @Option(
            names = "--write-config-to",
            paramLabel = "FILE",
            description = "Writes the configuration with all defaults there, and ends.")
    private @Nullable Path writeTo;

    @Option(
            names = "--cleanup",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOL",
            description = "Takes the rules away that a proxy left, and ends.")
    private boolean cleanup;

    @Option(
            names = "--init-only",
            arity = "0..1",
            fallbackValue = "true",
            paramLabel = "BOOL",
            description =
                    "Sets what needs all rights of root, and ends; a process that runs afterwards needs CAP_NET_ADMIN only.")
    private boolean initOnly;

    @Option(names = "--master", paramLabel = "URL", description = "Where the API is, instead of what kubeconfig says.")
    private @Nullable String master;

    @Option(
            names = "--hostname-override",
            paramLabel = "NAME",
            description = "The name of this node. Default: the host's name")
    private @Nullable String hostname;

    @Mixin
    private ProxyFlags flags = new ProxyFlags();

    /** What is no flag here; {@link OriginalProxyFlags} knows what to say to it. */
    @Unmatched
    private List<String> others = new ArrayList<>();

    @Override
    public Integer call() {
        ProxySettings settings;
        Config api;
        try {
            OriginalProxyFlags.check(others, told -> LOG.info("{}", told));
            settings = settings();
            if (writeTo != null) {
                write(writeTo, settings.configuration());
                return 0;
            }
            if (cleanup) {
                Proxy.cleanUp(Machine.local(), settings);
                return 0;
            }
            if (initOnly) {
                Proxy.prepare(Machine.local(), settings);
                return 0;
            }
            api = api(settings.configuration());
        } catch (IOException | IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "error: " + e.getMessage(), e);
        }
        try {
            return new ProxyProcess(settings, api, file).run();
        } catch (IOException | KubernetesClientException e) {
            spec.commandLine().getErr().println("error: " + e.getMessage());
            return 1;
        }
    }

    private ProxySettings settings() throws IOException {
        ProxyConfiguration configuration;
        if (file == null) {
            ObjectNode tree = new ObjectMapper().createObjectNode();
            flags.write(tree);
            configuration = ConfigurationFile.of(tree);
        } else {
            if (!Files.isReadable(file)) {
                throw new IOException("--config: " + file + " cannot be read");
            }
            try {
                configuration = ConfigurationFile.read(file);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("--config: " + file + ": " + e.getMessage(), e);
            }
        }
        ProxySettings settings = ProxySettings.of(configuration, nodeName());
        return hostname == null ? settings : settings.withNodeName(nodeName());
    }

    /** The flag wins over the file; the host's name counts if neither says anything. */
    private String nodeName() throws IOException {
        if (hostname != null) {
            String name = hostname.strip().toLowerCase(Locale.ROOT);
            if (name.isEmpty()) {
                throw new IllegalArgumentException("empty hostname-override is invalid");
            }
            return name;
        }
        return Host.name();
    }

    private Config api(ProxyConfiguration configuration) throws IOException {
        String kubeconfig = configuration.clientConnection().kubeconfig();
        if (!kubeconfig.isEmpty() && !Files.isReadable(Path.of(kubeconfig))) {
            throw new IOException("--kubeconfig: " + kubeconfig + " cannot be read");
        }
        Config config = kubeconfig.isEmpty()
                ? Config.autoConfigure(null)
                : Config.fromKubeconfig(Path.of(kubeconfig).toFile());
        if (master != null) {
            config.setMasterUrl(master);
        }
        return config;
    }

    private static void write(Path target, ProxyConfiguration configuration) throws IOException {
        try {
            Files.writeString(target, ConfigurationFile.write(configuration));
        } catch (IOException e) {
            throw new IOException("--write-config-to: " + target + " cannot be written: " + e.getMessage(), e);
        }
    }
}
