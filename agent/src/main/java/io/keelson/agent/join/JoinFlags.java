package io.keelson.agent.join;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags by which a machine is told what cluster it is to join, to be mixed into a command. */
public final class JoinFlags {
    @Option(
            names = "--join",
            paramLabel = "HOST:PORT",
            description =
                    "Join the cluster whose API is there, by --token and --ca-hash: keelson token create prints the"
                            + " line. What comes out of it is kept, so that a later start needs none of this.")
    private @Nullable String join;

    @Option(names = "--token", paramLabel = "TOKEN", description = "The secret that the cluster knows as well.")
    private @Nullable String token;

    @Option(
            names = "--ca-hash",
            paramLabel = "sha256:HEX",
            split = ",",
            description =
                    "The hash of the key of the cluster's authority, by which it is known to be no other cluster.")
    private List<String> hashes = List.of();

    /**
     * What they say.
     *
     * @param patience how long the cluster may take to be reached
     * @return empty if nothing is to be joined
     * @throws IllegalArgumentException if something makes no sense, or is missing
     */
    public Optional<JoinSettings> settings(Duration patience) {
        if (join == null) {
            if (token != null || !hashes.isEmpty()) {
                throw new IllegalArgumentException("--token and --ca-hash are for --join HOST:PORT, which is missing");
            }
            return Optional.empty();
        }
        if (token == null) {
            throw new IllegalArgumentException("--join needs --token: keelson token create makes one");
        }
        return Optional.of(new JoinSettings(join, JoinToken.parse(token), hashes, patience));
    }
}
