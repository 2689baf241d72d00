package io.keelson.apiserver.authn;

import io.keelson.apiserver.egress.EgressClients;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Knows the tokens of the OpenID providers of a configuration that may change while the server runs. */
public final class ConfiguredIssuers implements TokenAuthenticator, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ConfiguredIssuers.class);

    private final Supplier<AuthenticationConfiguration> configuration;
    private final List<String> serverAudiences;
    private final KeySetMetrics metrics;
    private final EgressClients clients;
    private final InstantSource clock;
    private volatile Built built;

    private record Built(AuthenticationConfiguration from, List<JwtAuthenticator> issuers, TokenAuthenticator union) {}

    /**
     * @param configuration the same object as long as it stays the same
     * @param metrics are told what comes of fetching keys, of no other issuers
     * @param clients how providers are connected to
     * @throws IOException if it cannot be used at the start; one that cannot be used later changes nothing
     */
    public ConfiguredIssuers(
            Supplier<AuthenticationConfiguration> configuration,
            List<String> serverAudiences,
            KeySetMetrics metrics,
            EgressClients clients,
            InstantSource clock)
            throws IOException {
        this.configuration = configuration;
        this.serverAudiences = List.copyOf(serverAudiences);
        this.metrics = metrics;
        this.clients = clients;
        this.clock = clock;
        this.built = build(configuration.get());
    }

    private Built build(AuthenticationConfiguration from) throws IOException {
        List<JwtAuthenticator> issuers = new ArrayList<>();
        List<TokenAuthenticator> tokens = new ArrayList<>();
        for (JwtIssuer issuer : from.issuers()) {
            JwtAuthenticator authenticator = new JwtAuthenticator(issuer, clients.of(issuer.egress()), metrics, clock);
            issuers.add(authenticator);
            tokens.add(authenticator.forAudiences(serverAudiences));
        }
        metrics.configured(from.issuers().stream().map(JwtIssuer::url).toList());
        return new Built(from, issuers, TokenAuthenticator.union(tokens));
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // another object is another reading of the file
    public Optional<Authenticated> authenticate(String token, List<String> audiences)
            throws AuthenticationException, InterruptedException {
        AuthenticationConfiguration now = configuration.get();
        Built current = built;
        if (current.from() != now) {
            current = rebuild(now);
        }
        return current.union().authenticate(token, audiences);
    }

    /** Calls that are under way to providers of before are let finish by themselves. */
    @SuppressWarnings("ReferenceEquality")
    private synchronized Built rebuild(AuthenticationConfiguration now) {
        if (built.from() != now) {
            try {
                built = build(now);
            } catch (IOException e) {
                log.warn("cannot use the new authentication configuration: {}", e.getMessage());
                built = new Built(now, built.issuers(), built.union());
            }
        }
        return built;
    }

    @Override
    public void close() {
        built.issuers().forEach(JwtAuthenticator::close);
    }
}
