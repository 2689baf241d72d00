package io.keelson.agent.embedded.images.registry;

import io.fabric8.kubernetes.client.internal.SSLUtils;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.controllers.config.ConfigException;
import io.keelson.controllers.config.ConfigFile;
import io.keelson.controllers.config.ConfigNode;
import io.keelson.controllers.manager.CertifiedKey;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The file that tells of mirrors and of registries of one's own, in the form in which K3s has it ({@code registries.yaml}):
 *
 * <pre>{@code
 * mirrors:
 *   docker.io:
 *     endpoint: ["https://mirror.example:5000"]
 *     rewrite: {"^library/(.*)": "docker/$1"}
 * configs:
 *   "mirror.example:5000":
 *     auth: {username: keelson, password: secret}
 *     tls: {ca_file: /etc/ssl/mirror.pem}
 * }</pre>
 *
 * <p>Certificates and keys are read with it, once.
 */
public final class RegistriesFile {
    private static final Pattern HOST =
            Pattern.compile("[A-Za-z0-9.\\-]+(:[0-9]{1,5})?|\\[[0-9A-Fa-f:]+](:[0-9]{1,5})?");

    private RegistriesFile() {}

    /**
     * Reads a file.
     *
     * @throws ImageProblem {@code INVALID}: it, or what it names, cannot be read, or makes no sense; the message says where
     *     and why
     */
    public static RegistryHosts read(Path file) throws ImageProblem {
        try {
            ConfigNode.Fields root =
                    ConfigFile.parse(file.toString(), ConfigFile.bytes(file)).fields("mirrors", "configs");
            Map<String, RegistryHosts.Mirrors> mirrors = new LinkedHashMap<>();
            for (Map.Entry<String, ConfigNode> each : entries(root, "mirrors").entrySet()) {
                mirrors.put(host(each), mirrors(each.getValue()));
            }
            Map<String, RegistryHosts.Host> hosts = new LinkedHashMap<>();
            for (Map.Entry<String, ConfigNode> each : entries(root, "configs").entrySet()) {
                ConfigNode.Fields fields = each.getValue().fields("auth", "tls");
                Optional<ConfigNode> tls = fields.find("tls");
                Optional<ConfigNode> auth = fields.find("auth");
                hosts.put(
                        host(each),
                        new RegistryHosts.Host(
                                tls.isPresent() ? Optional.of(context(tls.get())) : Optional.empty(),
                                auth.isPresent() ? credentials(auth.get()) : Credentials.NONE));
            }
            return new RegistryHosts(mirrors, hosts, Set.of());
        } catch (ConfigException e) {
            throw new ImageProblem(ImageProblem.Kind.INVALID, String.valueOf(e.getMessage()), e);
        }
    }

    private static Map<String, ConfigNode> entries(ConfigNode.Fields fields, String name) throws ConfigException {
        Optional<ConfigNode> field = fields.find(name);
        return field.isPresent() ? field.get().entries() : Map.of();
    }

    private static String host(Map.Entry<String, ConfigNode> entry) throws ConfigException {
        String host = entry.getKey();
        if (!host.equals(RegistryHosts.OTHERS) && !HOST.matcher(host).matches()) {
            throw entry.getValue().wrong("\"" + host + "\" is no HOST or HOST:PORT, and not \"*\" for all others");
        }
        return host;
    }

    private static RegistryHosts.Mirrors mirrors(ConfigNode node) throws ConfigException {
        ConfigNode.Fields fields = node.fields("endpoint", "rewrite");
        List<URI> endpoints = new ArrayList<>();
        for (ConfigNode each : fields.list("endpoint")) {
            endpoints.add(endpoint(each));
        }
        List<RegistryHosts.Rewrite> rewrites = new ArrayList<>();
        Optional<ConfigNode> rewrite = fields.find("rewrite");
        if (rewrite.isPresent()) {
            for (Map.Entry<String, ConfigNode> each : rewrite.get().entries().entrySet()) {
                rewrites.add(rewrite(each.getKey(), each.getValue()));
            }
        }
        return new RegistryHosts.Mirrors(List.copyOf(endpoints), List.copyOf(rewrites));
    }

    private static URI endpoint(ConfigNode node) throws ConfigException {
        String text = node.text();
        try {
            URI address = URI.create(text);
            boolean http = "http".equals(address.getScheme()) || "https".equals(address.getScheme());
            if (http
                    && address.getHost() != null
                    && address.getRawUserInfo() == null
                    && address.getRawQuery() == null
                    && address.getRawFragment() == null) {
                String path = address.getRawPath().replaceFirst("/+$", "");
                return address.resolve((path.endsWith("/v2") ? path : path + "/v2") + "/");
            }
        } catch (IllegalArgumentException e) {
            // As one without a host.
        }
        throw node.wrong("\"" + text + "\" is no address as https://mirror.example:5000 or http://127.0.0.1:5000 is");
    }

    private static RegistryHosts.Rewrite rewrite(String found, ConfigNode instead) throws ConfigException {
        try {
            Pattern pattern = Pattern.compile(found);
            String text = instead.text();
            int groups = pattern.matcher("").groupCount();
            boolean known = Pattern.compile("\\$(.?)")
                    .matcher(text)
                    .results()
                    .allMatch(use -> use.group(1).matches("[0-9]") && Integer.parseInt(use.group(1)) <= groups);
            if (!known || text.indexOf('\\') >= 0) {
                throw instead.wrong("\"" + text + "\" may say $1 for what is found in the first brackets, and so on; "
                        + found + " has " + groups);
            }
            return new RegistryHosts.Rewrite(pattern, text);
        } catch (PatternSyntaxException e) {
            throw instead.wrong("\"" + found + "\" is no regular expression: " + e.getDescription());
        }
    }

    private static Credentials credentials(ConfigNode node) throws ConfigException {
        ConfigNode.Fields fields = node.fields("username", "password", "auth", "identity_token");
        try {
            Credentials named = fields.find("auth").isPresent()
                    ? Credentials.ofBase64(fields.get("auth").text())
                    : Credentials.of(fields.text("username", ""), fields.text("password", ""));
            return new Credentials(named.username(), named.password(), fields.text("identity_token", ""), "");
        } catch (ImageProblem e) {
            throw node.wrong(String.valueOf(e.getMessage()));
        }
    }

    private static SSLContext context(ConfigNode node) throws ConfigException {
        ConfigNode.Fields fields = node.fields("ca_file", "cert_file", "key_file", "insecure_skip_verify");
        Optional<ConfigNode> skip = fields.find("insecure_skip_verify");
        boolean trusting = skip.isPresent() && skip.get().truth();
        String authority = file(fields, "ca_file");
        String certificate = file(fields, "cert_file");
        String key = file(fields, "key_file");
        if ((certificate == null) != (key == null)) {
            throw node.wrong("cert_file and key_file belong together");
        }
        if (authority != null) {
            requireCertificates(node, Path.of(authority));
        }
        try {
            KeyManager @Nullable [] keys = certificate == null || key == null
                    ? null
                    : CertifiedKey.read(Path.of(certificate), Path.of(key)).managers();
            TrustManager[] trusted = SSLUtils.trustManagers(null, authority, trusting, null, null);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys, trusted, null);
            return context;
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw node.wrong("the certificates cannot be used: " + e.getMessage());
        }
    }

    /** The library takes an empty file for one of authorities. */
    private static void requireCertificates(ConfigNode node, Path file) throws ConfigException {
        try (InputStream in = Files.newInputStream(file)) {
            if (CertificateFactory.getInstance("X.509").generateCertificates(in).isEmpty()) {
                throw node.wrong("ca_file " + file + " has no certificates in it");
            }
        } catch (IOException | CertificateException e) {
            throw node.wrong("ca_file " + file + " has no certificates in it: " + e.getMessage());
        }
    }

    private static @Nullable String file(ConfigNode.Fields fields, String name) throws ConfigException {
        Optional<ConfigNode> field = fields.find(name);
        if (field.isEmpty()) {
            return null;
        }
        String file = field.get().text();
        if (!Files.isReadable(Path.of(file)) || Files.isDirectory(Path.of(file))) {
            throw field.get().wrong(file + " cannot be read");
        }
        return file;
    }
}
