package io.keelson.dist.up;

import io.keelson.agent.join.JoinSettings;
import io.keelson.agent.join.JoinToken;
import io.keelson.controllers.process.WholeFile;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/**
 * Says of a folder that this machine has joined a cluster with it, or is to: which one, as which node, and by which token until it
 * has. The file is its owner's alone, and a process finds the token there and not among its arguments, which everybody can read.
 *
 * @param endpoint {@code HOST:PORT} of the cluster's API
 * @param node what this machine is called there, which its certificate says
 * @param token empty once it has done its work
 * @param authorityHashes of the cluster's authority; none to trust whoever has the token
 */
public record JoinFile(String endpoint, String node, Optional<JoinToken> token, List<String> authorityHashes) {
    /** Keeps a copy. */
    public JoinFile {
        authorityHashes = List.copyOf(authorityHashes);
    }

    /** What was typed. */
    static JoinFile of(JoinSettings settings, String node) {
        return new JoinFile(settings.endpoint(), node, Optional.of(settings.token()), settings.authorityHashes());
    }

    private static Path file(Path folder) {
        return folder.resolve("join");
    }

    /** Whether a folder is that of a machine that has joined, or is to. */
    public static boolean isIn(Path folder) {
        return Files.exists(file(folder));
    }

    /** What a folder is kept for, for users: a cluster, or a node of another one. */
    static String kind(Path folder) {
        return isIn(folder) ? "node" : "cluster";
    }

    /** What there is to do for who has taken a node away: its cluster does not do it by itself. */
    String farewell() {
        return "The cluster at " + endpoint + " still lists the node " + node + ": kubectl delete node " + node;
    }

    /**
     * That of a folder; empty if there is none.
     *
     * @throws IOException if it cannot be read; its text says what to do
     */
    static Optional<JoinFile> read(Path folder) throws IOException {
        Properties entries = new Properties();
        try {
            entries.load(new StringReader(Files.readString(file(folder))));
            String token = entries.getProperty("token", "");
            String hashes = entries.getProperty("ca-hash", "");
            return Optional.of(new JoinFile(
                    entries.getProperty("endpoint", ""),
                    entries.getProperty("node", ""),
                    token.isEmpty() ? Optional.empty() : Optional.of(JoinToken.parse(token)),
                    hashes.isEmpty() ? List.of() : List.of(hashes.split(",", -1))));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            throw new IOException(file(folder) + " is damaged: remove it, and join again with a new token", e);
        }
    }

    /**
     * Keeps a machine that has joined from becoming another node, or one of another cluster, with what it has of this one.
     *
     * @throws IOException if it would; its text says what to do
     */
    void requireSame(Path folder, String otherEndpoint, String otherNode) throws IOException {
        if (!endpoint.equals(otherEndpoint) || !node.equals(otherNode)) {
            throw new IOException(
                    "this machine has joined the cluster at " + endpoint + " as " + node + ": name another"
                            + " folder with --data, or leave that cluster with all that is in " + folder + ", "
                            + Typed.forCluster("down", folder, "--wipe"));
        }
    }

    /** Has it in a folder, in place of what was there. */
    void write(Path folder) throws IOException {
        Properties entries = new Properties();
        entries.setProperty("endpoint", endpoint);
        entries.setProperty("node", node);
        token.ifPresent(secret -> entries.setProperty("token", secret.text()));
        entries.setProperty("ca-hash", String.join(",", authorityHashes));
        StringWriter text = new StringWriter();
        entries.store(text, null);
        WholeFile.writeDurably(file(folder), text.toString());
    }

    /** The same without the token. */
    JoinFile withoutToken() {
        return new JoinFile(endpoint, node, Optional.empty(), authorityHashes);
    }

    /** How to come to know the cluster; empty once the token is gone. */
    Optional<JoinSettings> settings(Duration patience) {
        return token.map(secret -> new JoinSettings(endpoint, secret, authorityHashes, patience));
    }
}
