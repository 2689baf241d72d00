package io.keelson.dist.join;

import io.fabric8.kubernetes.client.Config;
import io.keelson.agent.join.AuthorityHash;
import io.keelson.agent.join.JoinToken;
import io.keelson.controllers.manager.DurationConverter;
import io.keelson.controllers.objects.OrEmpty;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code keelson token create}. */
@Command(
        name = "create",
        mixinStandardHelpOptions = true,
        description = {
            "Makes a token, and prints the command by which another machine joins with it: what it starts there is a whole"
                    + " node, with service proxy and DNS.",
            "The API server has to have been started with --enable-bootstrap-token-auth, and the controllers with"
                    + " --controllers=*,bootstrap-signer-controller,token-cleaner-controller."
        })
final class TokenCreateCommand implements Callable<Integer> {
    private static final Set<String> USAGES = Set.of("signing", "authentication");

    @Spec
    private CommandSpec spec;

    @Mixin
    private ReachedCluster cluster;

    @Parameters(arity = "0..1", paramLabel = "TOKEN", description = "Default: one that is made up")
    private @Nullable String given;

    @Option(
            names = "--ttl",
            defaultValue = "24h0m0s",
            paramLabel = "DURATION",
            converter = DurationConverter.class,
            description = "How long it is good, as 1h or 30m; 0 for ever. Default: 24h0m0s")
    private Duration timeToLive;

    @Option(names = "--description", defaultValue = "", paramLabel = "TEXT", description = "What it is for.")
    private String description;

    @Option(
            names = "--usages",
            split = ",",
            defaultValue = "signing,authentication",
            paramLabel = "USAGE",
            description = "What it is good for. Default: signing,authentication")
    private List<String> usages;

    @Option(
            names = "--groups",
            split = ",",
            defaultValue = JoinAccess.GROUP,
            paramLabel = "GROUP",
            description = "Groups of those who show it. Default: " + JoinAccess.GROUP)
    private List<String> groups;

    @Option(
            names = "--control-plane-endpoint",
            paramLabel = "HOST:PORT",
            description = "Where other machines reach the API server, which must have a certificate for it."
                    + " Default: as the cluster tells already, or as the kubeconfig has it; if that is this machine's"
                    + " loopback, the address by which pods reach the API")
    private @Nullable String endpoint;

    @Option(names = "--print-join-command", description = "Print the command, as is done without it, too.")
    private boolean command;

    @Option(names = "--quiet", description = "Print the token only.")
    private boolean quiet;

    @Override
    public Integer call() {
        return cluster.with((config, client) -> {
            JoinToken token = given == null ? JoinToken.random() : JoinToken.parse(given);
            for (String usage : usages) {
                if (!USAGES.contains(usage)) {
                    throw new IllegalArgumentException(
                            "invalid bootstrap token usage string: " + usage + ", valid usage options: " + USAGES);
                }
            }
            if (quiet && command) {
                throw new IllegalArgumentException(
                        "--quiet prints the token only, and --print-join-command the command: leave one of them out");
            }
            if (timeToLive.isNegative()) {
                throw new IllegalArgumentException("--ttl: a token that has ended is of no use");
            }
            String authority = authority(config);
            String server = endpoint == null ? ReachedAddress.of(client) : endpoint;
            if (endpoint == null) {
                JoinAccess.ensure(client, "https://" + server, authority);
            } else {
                JoinAccess.publish(client, "https://" + server, authority);
            }
            Instant now = InstantSource.system().instant().truncatedTo(ChronoUnit.SECONDS);
            new Tokens(client)
                    .create(new Tokens.Known(
                            token,
                            timeToLive.isZero() ? Optional.empty() : Optional.of(now.plus(timeToLive)),
                            usages,
                            description,
                            groups));
            tell(server, token, authority);
        });
    }

    private void tell(String server, JoinToken token, String authority) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        if (quiet) {
            out.println(token.text());
            return;
        }
        if (ReachedAddress.isLoopback(server)) {
            spec.commandLine()
                    .getErr()
                    .println("Other machines do not reach " + server
                            + ": say with --control-plane-endpoint where they find this one.");
        }
        out.println("keelson up --join " + server + " --token " + token.text() + " --ca-hash " + hash(authority));
    }

    private static String hash(String authority) throws IOException {
        try {
            X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(authority.getBytes(StandardCharsets.UTF_8)));
            return AuthorityHash.of(certificate);
        } catch (CertificateException e) {
            throw new IOException("the kubeconfig's certificate-authority is no certificate: " + e.getMessage(), e);
        }
    }

    private static String authority(Config config) throws IOException {
        String data = OrEmpty.of(config.getCaCertData());
        String file = OrEmpty.of(config.getCaCertFile());
        if (data.isEmpty() && file.isEmpty()) {
            throw new IOException(
                    "the kubeconfig has no certificate-authority, by which other machines could know the" + " cluster");
        }
        if (data.isEmpty()) {
            return Files.readString(Path.of(file));
        }
        return data.startsWith("-----")
                ? data
                : new String(Base64.getMimeDecoder().decode(data), StandardCharsets.UTF_8);
    }
}
