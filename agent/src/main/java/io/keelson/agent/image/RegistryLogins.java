package io.keelson.agent.image;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Secret;
import io.keelson.controllers.objects.OrEmpty;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which users pull which images, from files as {@code docker login} writes them. Of several entries that fit an image
 * those of the longer, more special pattern come first; the entry of the default registry is used for images that name
 * no registry.
 */
final class RegistryLogins {
    private static final String DEFAULT_KEY = "index.docker.io";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** The other way round, so that {@code quay.io/team} comes before {@code quay.io}. */
    private final Map<String, Set<RegistryLogin>> logins = new TreeMap<>(Comparator.reverseOrder());

    /**
     * The entries of pull secrets, of both types; other secrets hold none.
     *
     * @throws IllegalArgumentException if one does not hold what its type says; without its contents
     */
    static RegistryLogins of(List<Secret> secrets) {
        RegistryLogins all = new RegistryLogins();
        for (Secret secret : secrets) {
            String type = OrEmpty.of(secret.getType());
            String key = switch (type) {
                case "kubernetes.io/dockerconfigjson" -> ".dockerconfigjson";
                case "kubernetes.io/dockercfg" -> ".dockercfg";
                default -> "";
            };
            String data = OrEmpty.of(secret.getData()).get(key);
            if (data == null || data.isEmpty()) {
                continue;
            }
            String where = "image pull secret \"" + secret.getMetadata().getName() + "\", key " + key;
            String text;
            try {
                text = new String(Base64.getDecoder().decode(data), StandardCharsets.UTF_8);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(where + ": not base64", e);
            }
            all.add(text, key.equals(".dockerconfigjson"), where, Optional.of(secret.getMetadata()));
        }
        return all;
    }

    /**
     * Adds the entries of a file.
     *
     * @param nested whether they are under {@code auths}, as in {@code config.json}
     * @param where for errors
     * @param secret that the file is of
     * @throws IllegalArgumentException if it is damaged; without its contents, which are secret
     */
    void add(String text, boolean nested, String where, Optional<ObjectMeta> secret) {
        JsonNode root;
        try {
            root = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            // The library's own words, and the cause, would quote what is secret.
            JsonLocation at = e.getLocation();
            throw new IllegalArgumentException(where + ": not JSON"
                    + (at == null ? "" : ", at line " + at.getLineNr() + " column " + at.getColumnNr()));
        }
        JsonNode entries = nested ? root.path("auths") : root;
        for (Map.Entry<String, JsonNode> entry : entries.properties()) {
            add(entry.getKey(), login(entry.getValue(), where + ", entry " + entry.getKey(), secret));
        }
    }

    private static RegistryLogin login(JsonNode entry, String where, Optional<ObjectMeta> secret) {
        String auth = entry.path("auth").asText("").strip();
        if (auth.isEmpty()) {
            return login(
                    entry.path("username").asText(""), entry.path("password").asText(""), secret);
        }
        String decoded;
        try {
            decoded = new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(where + ": auth is not base64");
        }
        int colon = decoded.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException(
                    where + ": unable to parse auth field, must be formatted as base64(username:password)");
        }
        return login(decoded.substring(0, colon), decoded.substring(colon + 1), secret);
    }

    private static RegistryLogin login(String username, String password, Optional<ObjectMeta> secret) {
        return new RegistryLogin(
                username,
                password,
                secret.map(meta -> new SecretIdentity(
                        OrEmpty.of(meta.getUid()),
                        OrEmpty.of(meta.getNamespace()),
                        OrEmpty.of(meta.getName()),
                        PullRecords.hash(username + '\0' + password))));
    }

    /** Adds a user for a place: {@code quay.io/team}, {@code *.example.com}, {@code https://index.docker.io/v1/}. */
    void add(String place, RegistryLogin login) {
        String rest = place.replaceFirst("^https?://", "");
        int end = rest.indexOf('?') < 0 ? rest.length() : rest.indexOf('?');
        end = rest.indexOf('#') < 0 ? end : Math.min(end, rest.indexOf('#'));
        rest = rest.substring(0, end);
        int slash = rest.indexOf('/');
        String host = slash < 0 ? rest : rest.substring(0, slash);
        String path = slash < 0 ? "" : rest.substring(slash);
        if (path.startsWith("/v1/") || path.startsWith("/v2/")) {
            // The API's own path stands for the whole registry.
            path = path.substring(3);
        }
        String key = path.equals("/") ? host : host + path;
        logins.computeIfAbsent(key, _ -> new LinkedHashSet<>()).add(login);
    }

    /** Who may pull from a repository, the likeliest first; nobody if no entry fits. */
    List<RegistryLogin> of(ImageName image) {
        List<RegistryLogin> found = new ArrayList<>();
        logins.forEach((pattern, users) -> {
            if (HostPattern.parse(pattern).matches(image.repository())) {
                found.addAll(users);
            }
        });
        if (found.isEmpty() && image.registry().equals(ImageName.DEFAULT_REGISTRY)) {
            found.addAll(logins.getOrDefault(DEFAULT_KEY, Set.of()));
        }
        return found;
    }
}
