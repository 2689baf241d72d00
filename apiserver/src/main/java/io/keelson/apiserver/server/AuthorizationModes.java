package io.keelson.apiserver.server;

import io.keelson.apiserver.authz.AbacAuthorizer;
import io.keelson.apiserver.authz.AuthorizationConfiguration;
import io.keelson.apiserver.authz.Authorizer;
import io.keelson.apiserver.authz.ConfiguredAuthorizer;
import io.keelson.apiserver.authz.NodeAuthorizer;
import io.keelson.apiserver.authz.RbacAuthorizer;
import io.keelson.apiserver.authz.WebhookAuthorizer;
import io.keelson.apiserver.certs.ConfigFile;
import io.keelson.apiserver.certs.HttpClients;
import io.keelson.apiserver.certs.WatchedFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Puts the authorizers together that {@code --authorization-mode} or {@code --authorization-config} name, in order. */
final class AuthorizationModes {
    private static final String CONFIG_FLAG = "--authorization-config: ";
    private static final String ABAC = "ABAC";
    private static final String WITHOUT_POLICIES =
            "authorization-mode ABAC's authorization policy file not passed: --authorization-policy-file";
    private static final String WITHOUT_ABAC = "cannot specify --authorization-policy-file without mode ABAC";
    private static final Duration WEBHOOK_TIMEOUT = Duration.ofSeconds(30);
    private static final Set<String> KNOWN = Set.of("Node", "RBAC", "ABAC", "Webhook", "AlwaysAllow", "AlwaysDeny");

    private AuthorizationModes() {}

    /**
     * The authorizer of a server.
     *
     * @param decided is told what each authorizer decides
     * @param reread is told when the file with the configuration was read again
     * @param clients how webhooks are connected to
     * @throws IllegalArgumentException naming a mode that there is not, or flags that do not go together
     * @throws IOException if a file that a flag names cannot be used
     */
    static ConfiguredAuthorizer of(
            List<String> modes,
            AuthorizationSettings settings,
            RbacAuthorizer rbac,
            NodeAuthorizer node,
            AuthorizationConfiguration.Decided decided,
            WatchedFile.Reread reread,
            HttpClients clients,
            InstantSource clock)
            throws IOException {
        Path policies = settings.policyFile();
        Path file = settings.configFile();
        if (file == null) {
            AuthorizationConfiguration fixed = ofModes(modes, settings);
            return new ConfiguredAuthorizer(() -> fixed, builtIns(policies, rbac, node), decided, clients, clock);
        }
        AuthorizationConfiguration.BuiltIns builtIns = builtIns(policies, rbac, node);
        try {
            WatchedFile<AuthorizationConfiguration> watched =
                    WatchedFile.open(file, content -> parsed(content, policies), reread, clock);
            if (policies != null && !watched.current().names(ABAC)) {
                throw new IllegalArgumentException(WITHOUT_ABAC);
            }
            return new ConfiguredAuthorizer(watched::current, builtIns, decided, clients, clock);
        } catch (IOException e) {
            throw new IOException(CONFIG_FLAG + file + ": " + e.getMessage(), e);
        }
    }

    /** @throws IOException if the policies cannot be used */
    private static AuthorizationConfiguration.BuiltIns builtIns(
            @Nullable Path policies, RbacAuthorizer rbac, NodeAuthorizer node) throws IOException {
        Authorizer abac = policies == null ? null : AbacAuthorizer.open(policies);
        return type -> abac != null && type.equals(ABAC) ? abac : builtIn(type, rbac, node);
    }

    private static AuthorizationConfiguration parsed(byte[] content, @Nullable Path policies) throws IOException {
        AuthorizationConfiguration configuration = AuthorizationConfiguration.parse(ConfigFile.parse(content));
        if (policies == null && configuration.names(ABAC)) {
            throw new IOException(WITHOUT_POLICIES);
        }
        return configuration;
    }

    private static Authorizer builtIn(String mode, RbacAuthorizer rbac, NodeAuthorizer node) {
        return switch (mode) {
            case "Node" -> node;
            case "RBAC" -> rbac;
            case "AlwaysAllow" -> Authorizer.ALWAYS_ALLOW;
            case "AlwaysDeny" -> Authorizer.ALWAYS_DENY;
            default -> throw new IllegalArgumentException("--authorization-mode: unknown mode \"" + mode + "\"");
        };
    }

    private static AuthorizationConfiguration ofModes(List<String> modes, AuthorizationSettings settings) {
        if (modes.isEmpty()) {
            throw new IllegalArgumentException("at least one authorization-mode must be passed");
        }
        Set<String> seen = new HashSet<>();
        List<AuthorizationConfiguration.Entry> entries = new ArrayList<>();
        for (String mode : modes) {
            if (!KNOWN.contains(mode)) {
                throw new IllegalArgumentException("authorization-mode \"" + mode + "\" is not a valid mode");
            }
            if (!seen.add(mode)) {
                throw new IllegalArgumentException(
                        "authorization-mode " + modes + " has mode specified more than once");
            }
            if (mode.equals(ABAC) && settings.policyFile() == null) {
                throw new IllegalArgumentException(WITHOUT_POLICIES);
            }
            entries.add(
                    mode.equals("Webhook")
                            ? webhook(settings)
                            : new AuthorizationConfiguration.BuiltIn(mode, mode.toLowerCase(Locale.ROOT)));
        }
        if (settings.webhook() != null && !seen.contains("Webhook")) {
            throw new IllegalArgumentException(
                    "cannot specify --authorization-webhook-config-file without mode Webhook");
        }
        if (settings.policyFile() != null && !seen.contains(ABAC)) {
            throw new IllegalArgumentException(WITHOUT_ABAC);
        }
        return new AuthorizationConfiguration(entries);
    }

    private static AuthorizationConfiguration.Webhook webhook(AuthorizationSettings settings) {
        AuthorizationSettings.Webhook webhook = settings.webhook();
        if (webhook == null) {
            throw new IllegalArgumentException("authorization-mode Webhook's authorization config file not passed:"
                    + " --authorization-webhook-config-file");
        }
        return new AuthorizationConfiguration.Webhook(
                new WebhookAuthorizer.Settings(
                        "default",
                        webhook.version(),
                        webhook.authorizedLife(),
                        webhook.unauthorizedLife(),
                        false,
                        List.of()),
                webhook.kubeconfig(),
                WEBHOOK_TIMEOUT);
    }
}
