package io.keelson.agent.embedded.images.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.Json;
import io.keelson.agent.embedded.images.Reference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Credentials as {@code docker login} writes them: {@code {"auths": {"HOST": {"auth": "…"}}}}. */
public final class AuthFile {
    private static final long SIZE_MAX = 1 << 20;

    private final Path file;
    private final JsonNode auths;

    private AuthFile(Path file, JsonNode auths) {
        this.file = file;
        this.auths = auths;
    }

    /**
     * Reads a file.
     *
     * @throws ImageProblem {@code INVALID}: it is missing, or something else
     */
    public static AuthFile read(Path file) throws IOException {
        try {
            if (Files.size(file) > SIZE_MAX) {
                throw new ImageProblem(ImageProblem.Kind.INVALID, file + " is too large to hold credentials");
            }
            ObjectNode root = Json.object(Files.readAllBytes(file), file.toString());
            return new AuthFile(file, root.path("auths"));
        } catch (NoSuchFileException e) {
            throw new ImageProblem(ImageProblem.Kind.INVALID, file + ": no such file", e);
        }
    }

    /** The credentials for an image: those of the longest entry that its name begins with, or none. */
    public Credentials of(Reference image) throws ImageProblem {
        String repository = image.repository();
        String best = "";
        JsonNode found = null;
        for (var each : auths.properties()) {
            String key = plain(each.getKey());
            if ((repository.equals(key) || repository.startsWith(key + "/")) && key.length() > best.length()) {
                best = key;
                found = each.getValue();
            }
        }
        if (found == null) {
            return Credentials.NONE;
        }
        String identity = found.path("identitytoken").asText("");
        String registry = found.path("registrytoken").asText("");
        String auth = found.path("auth").asText("");
        Credentials named = auth.isEmpty()
                ? Credentials.of(
                        found.path("username").asText(""),
                        found.path("password").asText(""))
                : Credentials.ofBase64(auth);
        if (!named.hasPassword() && identity.isEmpty() && registry.isEmpty()) {
            throw new ImageProblem(
                    ImageProblem.Kind.INVALID,
                    file + " has no credentials under " + best + "; a helper may keep them, which is not asked here");
        }
        return new Credentials(named.username(), named.password(), identity, registry);
    }

    /** Old entries are addresses. */
    private static String plain(String key) {
        String host =
                key.replaceFirst("^https?://", "").replaceFirst("/v[12]/?$", "").replaceFirst("/$", "");
        return host.equals("index.docker.io") || host.equals("registry-1.docker.io") ? "docker.io" : host;
    }
}
