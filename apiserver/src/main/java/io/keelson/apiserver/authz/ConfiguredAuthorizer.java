package io.keelson.apiserver.authz;

import io.keelson.apiserver.certs.HttpClients;
import io.keelson.apiserver.request.UserInfo;
import java.io.IOException;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides as a configuration says that may change while the server runs. */
public final class ConfiguredAuthorizer implements Authorizer, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ConfiguredAuthorizer.class);

    private final Supplier<AuthorizationConfiguration> configuration;
    private final AuthorizationConfiguration.BuiltIns builtIns;
    private final AuthorizationConfiguration.Decided decided;
    private final HttpClients clients;
    private final InstantSource clock;
    private volatile Built built;

    private record Built(AuthorizationConfiguration from, AuthorizationConfiguration.Chain chain) {}

    /**
     * @param configuration the same object as long as it stays the same
     * @param decided is told what each authorizer decides
     * @param clients how webhooks are connected to
     * @throws IOException if it cannot be used at the start; one that cannot be used later changes nothing
     */
    public ConfiguredAuthorizer(
            Supplier<AuthorizationConfiguration> configuration,
            AuthorizationConfiguration.BuiltIns builtIns,
            AuthorizationConfiguration.Decided decided,
            HttpClients clients,
            InstantSource clock)
            throws IOException {
        this.configuration = configuration;
        this.builtIns = builtIns;
        this.decided = decided;
        this.clients = clients;
        this.clock = clock;
        AuthorizationConfiguration first = configuration.get();
        this.built = new Built(first, first.build(builtIns, decided, clients, clock));
    }

    @SuppressWarnings("ReferenceEquality") // another object is another reading of the file
    private Authorizer current() {
        AuthorizationConfiguration now = configuration.get();
        Built current = built;
        return (current.from() == now ? current : rebuild(now)).chain().authorizer();
    }

    /** Questions under way to webhooks of before are let finish by themselves. */
    @SuppressWarnings("ReferenceEquality")
    private synchronized Built rebuild(AuthorizationConfiguration now) {
        if (built.from() != now) {
            try {
                built = new Built(now, now.build(builtIns, decided, clients, clock));
            } catch (IOException | IllegalArgumentException e) {
                log.warn("cannot use the new authorization configuration: {}", e.getMessage());
                built = new Built(now, built.chain());
            }
        }
        return built;
    }

    @Override
    public Decision authorize(Attributes attributes) {
        return current().authorize(attributes);
    }

    @Override
    public RuleList rulesFor(UserInfo user, String namespace) {
        return current().rulesFor(user, namespace);
    }

    @Override
    public void close() {
        built.chain().close();
    }
}
