package io.keelson.agent.join;

import java.time.Duration;
import java.util.List;

/**
 * What a machine knows of the cluster that it is to join.
 *
 * @param endpoint {@code HOST:PORT} of its API ({@code --join})
 * @param token a secret that the cluster knows as well ({@code --token})
 * @param authorityHashes of keys of authorities, one of which the cluster's must have ({@code --ca-hash}); none to
 *     trust whoever has the token
 * @param patience how long the cluster may take to be reached and to sign
 */
public record JoinSettings(String endpoint, JoinToken token, List<String> authorityHashes, Duration patience) {
    /** As long as kubeadm waits. */
    public static final Duration PATIENCE = Duration.ofMinutes(5);

    /** @throws IllegalArgumentException if the address or a hash is none */
    public JoinSettings {
        authorityHashes = authorityHashes.stream().map(AuthorityHash::checked).toList();
        if (!endpoint.matches("(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9.-]+):[0-9]{1,5}")) {
            throw new IllegalArgumentException(
                    "--join takes HOST:PORT of the API server, as 192.0.2.1:6443, not \"" + endpoint + '"');
        }
    }
}
