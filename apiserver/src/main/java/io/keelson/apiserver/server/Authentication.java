package io.keelson.apiserver.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.apiserver.authn.AccountLookup;
import io.keelson.apiserver.authn.AnonymousAuthenticator;
import io.keelson.apiserver.authn.AuthenticationConfiguration;
import io.keelson.apiserver.authn.AuthenticationConfiguration.Anonymous;
import io.keelson.apiserver.authn.Authenticator;
import io.keelson.apiserver.authn.AuthenticatorChain;
import io.keelson.apiserver.authn.BootstrapTokens;
import io.keelson.apiserver.authn.ClientCertificateAuthenticator;
import io.keelson.apiserver.authn.ConfiguredIssuers;
import io.keelson.apiserver.authn.ExternalSigner;
import io.keelson.apiserver.authn.FrontProxyAuthenticator;
import io.keelson.apiserver.authn.IdentityReviews;
import io.keelson.apiserver.authn.JwtIssuer;
import io.keelson.apiserver.authn.KeySetMetrics;
import io.keelson.apiserver.authn.LegacyTokenUses;
import io.keelson.apiserver.authn.OpenIdDocuments;
import io.keelson.apiserver.authn.ServiceAccountKeys;
import io.keelson.apiserver.authn.ServiceAccountTokens;
import io.keelson.apiserver.authn.TokenCache;
import io.keelson.apiserver.authn.TokenFile;
import io.keelson.apiserver.authn.TokenKeys;
import io.keelson.apiserver.authn.TokenRequests;
import io.keelson.apiserver.authn.TokenWebhook;
import io.keelson.apiserver.certs.ClusterPki;
import io.keelson.apiserver.certs.ConfigFile;
import io.keelson.apiserver.certs.Kubeconfig;
import io.keelson.apiserver.certs.Pem;
import io.keelson.apiserver.certs.ReloadMetrics;
import io.keelson.apiserver.certs.RemoteCalls;
import io.keelson.apiserver.certs.WatchedFile;
import io.keelson.apiserver.egress.EgressClients;
import io.keelson.apiserver.errors.ApiException;
import io.keelson.apiserver.request.ApiResponse;
import io.keelson.apiserver.request.Handler;
import io.keelson.apiserver.rest.Review;
import io.keelson.kvstore.metrics.Metrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Everything about who somebody is, put together as the flags say: how requests and tokens are looked at, and how tokens are
 * made.
 */
final class Authentication implements AutoCloseable {
    private static final String ISSUED = "authentication.kubernetes.io/issued-credential-id";
    private static final Duration WEBHOOK_TIMEOUT = Duration.ofSeconds(30);

    private final AuthenticationSettings settings;
    private final boolean anonymous;
    private final AccountLookup accounts;
    private final LegacyTokenUses legacyUses;
    private final DoubleConsumer certificateRemaining;
    private final KeySetMetrics keySets;
    private final WatchedFile.Reread reread;
    private final EgressClients clients;
    private final InstantSource clock;
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final ServiceAccountKeys keys;
    private final TokenRequests.Settings making;
    private final AuthenticatorChain chain;

    /**
     * @param anonymous whether requests that show nothing are let in, if no configuration says otherwise
     * @param certificateRemaining is told for how many more seconds a client's certificate is valid; any thread
     * @param keySets are told what comes of fetching the keys of OpenID providers
     * @param clients how webhooks and issuers of tokens are connected to
     * @param metrics get those of a program that signs tokens, if there is one, and of files that are read again
     * @throws IOException naming the flag whose file cannot be used
     */
    Authentication(
            AuthenticationSettings settings,
            boolean anonymous,
            ClusterPki pki,
            AccountLookup accounts,
            LegacyTokenUses legacyUses,
            DoubleConsumer certificateRemaining,
            KeySetMetrics keySets,
            EgressClients clients,
            Metrics metrics,
            InstantSource clock)
            throws IOException {
        this.settings = settings;
        this.anonymous = anonymous;
        this.accounts = accounts;
        this.legacyUses = legacyUses;
        this.certificateRemaining = certificateRemaining;
        this.keySets = keySets;
        this.reread = new ReloadMetrics(
                metrics, "authentication", ServerIdentity.nameOf(AdvertisedAddress.hostname()), clock);
        this.clients = clients;
        this.clock = clock;
        AuthenticationSettings.ServiceAccounts own = settings.serviceAccounts();
        Path signer = own.signer();
        try {
            Duration lifeMax = own.lifeMax();
            if (signer == null) {
                this.keys = keys(pki);
                this.making = new TokenRequests.Settings(
                        own.issuers().getFirst(), settings.audiences(), lifeMax, own.extend());
            } else {
                ExternalSigner external = opened(signer, metrics);
                this.keys = external;
                this.making = new TokenRequests.Settings(
                        own.issuers().getFirst(),
                        settings.audiences(),
                        external.lifeMax(lifeMax),
                        own.extend(),
                        external.lifeMax(Duration.ZERO));
            }
            this.chain = chain(pki);
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** What reads a file that a flag names. */
    @FunctionalInterface
    private interface Reader<T> {
        T read(Path file) throws IOException;
    }

    private static <T> T named(String flag, Path file, Reader<T> reader) throws IOException {
        try {
            return reader.read(file);
        } catch (IOException | IllegalArgumentException e) {
            String why = e.getMessage() == null ? e.toString() : e.getMessage();
            throw new IOException("--" + flag + ": " + (why.contains(file.toString()) ? why : file + ": " + why), e);
        }
    }

    private ExternalSigner opened(Path socket, Metrics metrics) throws IOException {
        try {
            ExternalSigner signer = ExternalSigner.open(socket, metrics, clock);
            parts.push(signer);
            return signer;
        } catch (IOException e) {
            throw new IOException("while setting up external-jwt-signer: " + e.getMessage(), e);
        }
    }

    private TokenKeys keys(ClusterPki pki) throws IOException {
        Path file = settings.serviceAccounts().signingKeyFile();
        PrivateKey signing = file == null
                ? pki.serviceAccountKey().getPrivate()
                : named("service-account-signing-key-file", file, path -> Pem.privateKey(Files.readAllBytes(path)));
        List<PublicKey> trusted = new ArrayList<>();
        for (Path more : settings.serviceAccounts().keyFiles()) {
            trusted.addAll(named("service-account-key-file", more, path -> Pem.publicKeys(Files.readAllBytes(path))));
        }
        return new TokenKeys(signing, trusted);
    }

    private AuthenticatorChain chain(ClusterPki pki) throws IOException {
        List<String> audiences = settings.audiences();
        AuthenticatorChain.Builder chain = AuthenticatorChain.builder(audiences, clock);
        Supplier<List<X509Certificate>> clientAuthorities = clientAuthorities(pki);
        chain.certificates(new ClientCertificateAuthenticator(clientAuthorities, certificateRemaining, clock));
        AuthenticationSettings.FrontProxy proxy = settings.frontProxy();
        if (proxy != null) {
            chain.frontProxy(frontProxy(proxy, clientAuthorities.get()));
        }
        Path tokenFile = settings.tokenFile();
        if (tokenFile != null) {
            chain.tokenFile(named("token-auth-file", tokenFile, TokenFile::read));
        }
        chain.serviceAccounts(new ServiceAccountTokens(
                settings.serviceAccounts().issuers(),
                audiences,
                settings.serviceAccounts().lookup(),
                keys,
                accounts,
                legacyUses,
                clock));
        if (settings.bootstrapTokens()) {
            chain.bootstrapTokens(new BootstrapTokens(accounts, clock));
        }
        Supplier<AuthenticationConfiguration> configuration = configuration();
        if (configuration != null) {
            ConfiguredIssuers issuers = new ConfiguredIssuers(configuration, audiences, keySets, clients, clock);
            parts.push(issuers);
            chain.issuers(issuers);
        }
        AuthenticationSettings.Webhook webhook = settings.webhook();
        if (webhook != null) {
            RemoteCalls calls = RemoteCalls.webhook(
                    named("authentication-token-webhook-config-file", webhook.kubeconfig(), Kubeconfig::readCurrent),
                    WEBHOOK_TIMEOUT,
                    clients.controlPlane());
            parts.push(calls);
            chain.webhook(new TokenCache(
                    new TokenWebhook(calls, webhook.version(), audiences),
                    webhook.cacheLife(),
                    webhook.cacheLife(),
                    clock));
        }
        Authenticator nobody = nobody(configuration);
        if (nobody != null) {
            chain.anonymous(nobody);
        }
        return chain.build();
    }

    /** The same list as long as it says the same: chains that were verified against it need not be again. */
    private Supplier<List<X509Certificate>> clientAuthorities(ClusterPki pki) throws IOException {
        X509Certificate own = pki.clientAuthority().certificate();
        Path file = settings.clientCaFile();
        if (file == null) {
            List<X509Certificate> only = List.of(own);
            return () -> only;
        }
        WatchedFile<List<X509Certificate>> watched = named(
                "client-ca-file",
                file,
                path -> WatchedFile.open(
                        path,
                        content -> {
                            List<X509Certificate> all = new ArrayList<>(List.of(own));
                            all.addAll(Pem.certificates(content));
                            return List.copyOf(all);
                        },
                        clock));
        return watched::current;
    }

    private FrontProxyAuthenticator frontProxy(
            AuthenticationSettings.FrontProxy proxy, List<X509Certificate> clientAuthorities) throws IOException {
        WatchedFile<List<X509Certificate>> authorities = named(
                "requestheader-client-ca-file",
                proxy.caFile(),
                path -> WatchedFile.open(path, Pem::certificates, clock));
        if (proxy.headers().allowedNames().isEmpty()
                && authorities.current().stream().anyMatch(clientAuthorities::contains)) {
            throw new IllegalArgumentException("--requestheader-client-ca-file and --client-ca-file contain overlapping"
                    + " certificates; --requestheader-allowed-names must be specified to ensure regular client"
                    + " certificates cannot set authenticating proxy headers for arbitrary users");
        }
        return new FrontProxyAuthenticator(proxy.headers(), authorities::current, clock);
    }

    /** Null if nobody says anything about providers of tokens. */
    private @Nullable Supplier<AuthenticationConfiguration> configuration() throws IOException {
        AuthenticationSettings.Oidc oidc = settings.oidc();
        if (oidc != null) {
            AuthenticationConfiguration only = new AuthenticationConfiguration(List.of(issuer(oidc)), Optional.empty());
            return () -> only;
        }
        Path file = settings.configFile();
        if (file == null) {
            return null;
        }
        return named("authentication-config", file, path -> WatchedFile.open(path, this::parsed, reread, clock))
                ::current;
    }

    private AuthenticationConfiguration parsed(byte[] content) throws IOException {
        AuthenticationConfiguration configuration = AuthenticationConfiguration.parse(ConfigFile.parse(content));
        for (JwtIssuer issuer : configuration.issuers()) {
            if (settings.serviceAccounts().issuers().contains(issuer.url())) {
                throw new IOException("jwt[" + configuration.issuers().indexOf(issuer)
                        + "].issuer.url: Invalid value: \"" + issuer.url()
                        + "\": URL must not overlap with disallowed issuers: "
                        + settings.serviceAccounts().issuers());
            }
        }
        if (settings.anonymousStated() && configuration.anonymous().isPresent()) {
            throw new IOException("--anonymous-auth flag cannot be set when anonymous field is configured in"
                    + " authentication configuration file");
        }
        return configuration;
    }

    private static JwtIssuer issuer(AuthenticationSettings.Oidc oidc) throws IOException {
        if (!oidc.issuerUrl().startsWith("https://")) {
            throw new IllegalArgumentException(
                    "--oidc-issuer-url: \"" + oidc.issuerUrl() + "\": URL scheme must be https");
        }
        Path caFile = oidc.caFile();
        return JwtIssuer.ofFlags(
                oidc.issuerUrl(),
                caFile == null
                        ? null
                        : named("oidc-ca-file", caFile, path -> Pem.certificates(Files.readAllBytes(path))),
                oidc.clientId(),
                oidc.usernameClaim(),
                oidc.usernamePrefix(),
                oidc.groupsClaim(),
                oidc.groupsPrefix(),
                oidc.requiredClaims(),
                oidc.signingAlgorithms());
    }

    /** Who takes whoever shows nothing for nobody; null if nobody does. */
    private @Nullable Authenticator nobody(@Nullable Supplier<AuthenticationConfiguration> configuration) {
        if (configuration == null) {
            return anonymous ? AnonymousAuthenticator.EVERYWHERE : null;
        }
        return request -> {
            Anonymous stated = configuration.get().anonymous().orElse(null);
            if (stated == null) {
                return anonymous ? AnonymousAuthenticator.EVERYWHERE.authenticate(request) : Optional.empty();
            }
            return stated.enabled()
                    ? new AnonymousAuthenticator(stated.paths()).authenticate(request)
                    : Optional.empty();
        };
    }

    /** Finds out who sent a request. */
    Authenticator requests() {
        return chain.requests();
    }

    /** Answers questions about tokens. */
    IdentityReviews reviews() {
        return new IdentityReviews(chain.tokens(), settings.audiences());
    }

    /** Makes tokens of service accounts, for whoever asks for one. */
    Review tokenRequests() {
        TokenRequests requests = new TokenRequests(making, keys, accounts, clock);
        return (request, posted) -> {
            ObjectNode made =
                    requests.create(request.info().namespace(), request.info().name(), posted);
            long asked = seconds(posted);
            if (seconds(made) < asked) {
                request.warn(
                        "requested expiration of " + asked + " seconds shortened to " + seconds(made) + " seconds");
            }
            request.audit().note(ISSUED, TokenRequests.credentialId(made));
            return made;
        };
    }

    private static long seconds(ObjectNode tokenRequest) {
        return tokenRequest.path("spec").path("expirationSeconds").asLong();
    }

    /**
     * What others need to check tokens of service accounts, by path. An issuer that is no URL has no such documents.
     *
     * @param url where this server is reached; asked once it serves
     */
    Map<String, Handler> documents(Supplier<String> url) {
        Map<String, Handler> documents = new HashMap<>();
        documents.put(OpenIdDocuments.CONFIGURATION_PATH, document(url, OpenIdDocuments::configurationResponse));
        documents.put(OpenIdDocuments.KEY_SET_PATH, document(url, OpenIdDocuments::keySetResponse));
        return documents;
    }

    private Handler document(Supplier<String> url, Function<OpenIdDocuments, ApiResponse> part) {
        return request -> {
            String stated = settings.serviceAccounts().jwksUri();
            String keySet = stated.isEmpty() ? url.get() + OpenIdDocuments.KEY_SET_PATH : stated;
            try {
                return part.apply(
                        OpenIdDocuments.of(settings.serviceAccounts().issuers().getFirst(), keySet, keys));
            } catch (IOException e) {
                throw ApiException.noSuchResource();
            }
        };
    }

    @Override
    public void close() {
        for (AutoCloseable part = parts.poll(); part != null; part = parts.poll()) {
            try {
                part.close();
            } catch (Exception e) {
                throw new IllegalStateException("a part of authentication did not close", e);
            }
        }
    }
}
