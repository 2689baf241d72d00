package io.keelson.apiserver.certs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.object.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A kubeconfig: which servers there are, and how to get in. Holds the tree; what it does not know it keeps. */
public final class Kubeconfig {
    private final ObjectNode tree;

    private Kubeconfig(ObjectNode tree) {
        this.tree = tree;
    }

    /** One with nothing in it. */
    public static Kubeconfig empty() {
        ObjectNode tree = Json.object();
        tree.put("apiVersion", "v1");
        tree.put("kind", "Config");
        tree.putObject("preferences");
        tree.putArray("clusters");
        tree.putArray("users");
        tree.putArray("contexts");
        tree.put("current-context", "");
        return new Kubeconfig(tree);
    }

    public static Kubeconfig read(Path file) throws IOException {
        return new Kubeconfig(ConfigFile.read(file));
    }

    public static Kubeconfig parse(byte[] content) throws IOException {
        return new Kubeconfig(ConfigFile.parse(content));
    }

    /** A kubeconfig for one user of one server, everything within it. */
    public static Kubeconfig of(String name, String server, X509Certificate authority, Credential user) {
        Kubeconfig config = empty();
        config.put(name, server, authority, user);
        return config;
    }

    /** Adds a cluster, a user and a context, all of one name, in place of those of the name; it becomes the current context. */
    public void put(String name, String server, X509Certificate authority, Credential user) {
        ObjectNode cluster = Json.object();
        cluster.put("certificate-authority-data", base64(Pem.encode(authority)));
        cluster.put("server", server);
        ObjectNode credentials = Json.object();
        credentials.put("client-certificate-data", base64(Pem.encode(user.certificate())));
        credentials.put("client-key-data", base64(Pem.encodeKey(user)));
        ObjectNode context = Json.object();
        context.put("cluster", name);
        context.put("user", name);
        entry("clusters", name, "cluster", cluster);
        entry("users", name, "user", credentials);
        entry("contexts", name, "context", context);
        tree.put("current-context", name);
    }

    /** The same, with a name that every server in it must have a certificate for, whatever its address is. */
    public Kubeconfig expecting(String serverName) {
        ObjectNode copy = tree.deepCopy();
        for (JsonNode entry : copy.path("clusters")) {
            if (entry.path("cluster") instanceof ObjectNode cluster) {
                cluster.put("tls-server-name", serverName);
            }
        }
        return new Kubeconfig(copy);
    }

    /** The same with a namespace that counts where a client names none, in every context. */
    public Kubeconfig inNamespace(String namespace) {
        ObjectNode copy = tree.deepCopy();
        for (JsonNode entry : copy.path("contexts")) {
            if (entry.path("context") instanceof ObjectNode context) {
                context.put("namespace", namespace);
            }
        }
        return new Kubeconfig(copy);
    }

    /** Takes what another one has, in place of what is here by the same names; its current context becomes that of this one. */
    public void take(Kubeconfig other) {
        for (String list : List.of("clusters", "users", "contexts")) {
            String field = list.substring(0, list.length() - 1);
            for (JsonNode entry : other.tree.path(list)) {
                if (entry.path(field) instanceof ObjectNode value) {
                    entry(list, entry.path("name").asText(), field, value);
                }
            }
        }
        tree.put("current-context", other.tree.path("current-context").asText());
    }

    /**
     * Gives back what was taken of another one and is still the same; what has the same name and is something else stays. If the
     * current context goes, there is none.
     *
     * @return whether there was anything of it
     */
    public boolean giveBack(Kubeconfig other) {
        boolean isFound = false;
        for (String list : List.of("clusters", "users", "contexts")) {
            for (JsonNode entry : other.tree.path(list)) {
                if (!(tree.get(list) instanceof ArrayNode entries)) {
                    continue;
                }
                for (int i = entries.size() - 1; i >= 0; i--) {
                    if (entries.get(i).equals(entry)) {
                        entries.remove(i);
                        isFound = true;
                    }
                }
            }
        }
        boolean hasCurrent = false;
        for (JsonNode context : tree.path("contexts")) {
            hasCurrent |= context.path("name")
                    .asText()
                    .equals(tree.path("current-context").asText());
        }
        if (isFound && !hasCurrent) {
            tree.put("current-context", "");
        }
        return isFound;
    }

    private void entry(String list, String name, String field, ObjectNode value) {
        ArrayNode entries = tree.get(list) instanceof ArrayNode there ? there : tree.putArray(list);
        for (int i = entries.size() - 1; i >= 0; i--) {
            if (entries.get(i).path("name").asText().equals(name)) {
                entries.remove(i);
            }
        }
        ObjectNode entry = entries.addObject();
        entry.put("name", name);
        entry.set(field, value);
    }

    /** The way in that the current context of a file names; other files that it names are relative to it. */
    public static RemoteServer readCurrent(Path file) throws IOException {
        Kubeconfig config = read(file);
        Path folder = file.toAbsolutePath().getParent();
        try {
            return config.current(folder == null ? file : folder);
        } catch (IOException e) {
            throw new IOException(file + ": " + e.getMessage(), e);
        }
    }

    /**
     * The way in that the current context names (or the only cluster and user there are).
     *
     * @param folder what relative file names are relative to
     */
    public RemoteServer current(Path folder) throws IOException {
        JsonNode context = named("contexts", tree.path("current-context").asText(), "context");
        JsonNode cluster = named("clusters", context.path("cluster").asText(), "cluster");
        String server = cluster.path("server").asText();
        if (server.isEmpty()) {
            throw new IOException("the kubeconfig names no server");
        }
        if (!cluster.path("tls-server-name").asText().isEmpty()) {
            throw new IOException("tls-server-name is not supported in a kubeconfig for this purpose");
        }
        JsonNode user = named("users", context.path("user").asText(), "user");
        byte[] authority = content(cluster, "certificate-authority", folder);
        RemoteServer shown = shown(user, folder);
        return new RemoteServer(
                server,
                authority == null ? null : Pem.certificates(authority),
                shown.client(),
                shown.token(),
                shown.username(),
                shown.password(),
                cluster.path("insecure-skip-tls-verify").asBoolean());
    }

    /** What a user shows: a server that is nowhere. */
    private static RemoteServer shown(JsonNode user, Path folder) throws IOException {
        for (String unknown : new String[] {"exec", "auth-provider", "as"}) {
            if (user.has(unknown)) {
                throw new IOException(unknown + " is not supported in a kubeconfig for this purpose");
            }
        }
        byte[] certificate = content(user, "client-certificate", folder);
        byte[] key = content(user, "client-key", folder);
        String token = user.path("token").asText();
        String tokenFile = user.path("tokenFile").asText();
        return new RemoteServer(
                "",
                null,
                certificate == null || key == null
                        ? null
                        : new Credential(Pem.certificates(certificate).getFirst(), Pem.privateKey(key)),
                tokenFile.isEmpty()
                        ? token
                        : Files.readString(folder.resolve(tokenFile)).strip(),
                user.path("username").asText(),
                user.path("password").asText(),
                false);
    }

    /**
     * What every user shows, by the user's name: servers that are nowhere, with credentials only.
     *
     * @param folder what relative file names are relative to
     */
    public Map<String, RemoteServer> users(Path folder) throws IOException {
        Map<String, RemoteServer> users = new LinkedHashMap<>();
        for (JsonNode entry : tree.path("users")) {
            users.put(entry.path("name").asText(), shown(entry.path("user"), folder));
        }
        return users;
    }

    /** The name of the current context's user; empty if there is none. */
    public String currentUser() throws IOException {
        String current = tree.path("current-context").asText();
        return current.isEmpty()
                ? ""
                : named("contexts", current, "context").path("user").asText();
    }

    private JsonNode named(String list, String name, String field) throws IOException {
        JsonNode entries = tree.path(list);
        for (JsonNode entry : entries) {
            if (entry.path("name").asText().equals(name)) {
                return entry.path(field);
            }
        }
        if (name.isEmpty()) {
            return entries.size() == 1 ? entries.get(0).path(field) : Json.object();
        }
        throw new IOException("the kubeconfig has no entry " + name + " in " + list);
    }

    private static byte @Nullable [] content(JsonNode from, String field, Path folder) throws IOException {
        String data = from.path(field + "-data").asText();
        if (!data.isEmpty()) {
            try {
                return Base64.getMimeDecoder().decode(data);
            } catch (IllegalArgumentException e) {
                throw new IOException("malformed base64 in " + field + "-data", e);
            }
        }
        String file = from.path(field).asText();
        return file.isEmpty() ? null : Files.readAllBytes(folder.resolve(file));
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** A copy of the tree. */
    public ObjectNode tree() {
        return tree.deepCopy();
    }

    /** What a file of it holds, the keys of its users among it. */
    public String text() {
        return new String(ConfigFile.write(tree), StandardCharsets.UTF_8);
    }

    /** Writes it with mode 600; an existing file is replaced as a whole. */
    public void write(Path file) throws IOException {
        Path folder = file.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        PrivateFile.write(file, ConfigFile.write(tree));
    }

    /**
     * Puts a way in into a file, and keeps what else is in it.
     *
     * @throws IOException if the file is there and is no kubeconfig: it stays as it is
     */
    public static void mergeInto(Path file, String name, String server, X509Certificate authority, Credential user)
            throws IOException {
        Kubeconfig config = Files.exists(file) && Files.size(file) > 0 ? read(file) : empty();
        String kind = config.tree.path("kind").asText();
        if (!kind.isEmpty() && !kind.equals("Config")) {
            throw new IOException(file + " is no kubeconfig: its kind is " + kind);
        }
        config.put(name, server, authority, user);
        config.write(file);
    }
}
