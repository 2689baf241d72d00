package io.keelson.controllers.manager;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequest;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.keelson.controllers.objects.Refusals;
import io.keelson.controllers.runtime.ApiClient;
import io.keelson.controllers.runtime.Context;
import io.keelson.controllers.runtime.ControllerDescriptor;
import io.keelson.controllers.runtime.EventRecorder;
import java.net.HttpURLConnection;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A context for each controller, in which it calls the API as the account that {@link ControllerAccounts} names, and tells
 * its events as that one. Accounts that are missing are made; their tokens are asked for as the process itself.
 */
final class AccountContexts implements AutoCloseable {
    private static final long LIFE_SECONDS = 3600;
    /** What is granted may differ from what was asked for; a wrong number must not make each call ask again. */
    private static final long LIFE_SECONDS_MIN = 60;

    private static final long LIFE_SECONDS_MAX = 48 * 3600;

    private final Config anonymous;
    private final List<Interceptor> interceptors;
    private final Context shared;
    private final Map<String, Own> contexts = new LinkedHashMap<>();

    private record Own(Context context, EventRecorder events) {}

    /**
     * Contexts of controllers.
     *
     * @param config how the process reaches the API
     * @param interceptors see each call, of whomever
     * @param shared as the process itself calls the API; it stays open longer than this
     */
    AccountContexts(Config config, List<Interceptor> interceptors, Context shared) {
        this.anonymous = withoutCredentials(config);
        this.interceptors = List.copyOf(interceptors);
        this.shared = shared;
    }

    /** Where the API is and what it is trusted by, and nothing that tells who calls. */
    private static Config withoutCredentials(Config config) {
        return new ConfigBuilder(config)
                .withClientCertFile(null)
                .withClientCertData(null)
                .withClientKeyFile(null)
                .withClientKeyData(null)
                .withKeyStoreFile(null)
                .withUsername(null)
                .withPassword(null)
                .withOauthToken(null)
                .withAutoOAuthToken(null)
                .withOauthTokenProvider(null)
                .withAuthProvider(null)
                .withImpersonateUsername(null)
                .withImpersonateGroups()
                .withImpersonateExtras(Map.of())
                .build();
    }

    /** The context of a controller. Those of one account share it. */
    synchronized Context of(ControllerDescriptor controller) {
        return ControllerAccounts.of(controller.name())
                .map(account -> contexts.computeIfAbsent(account, this::make).context())
                .orElse(shared);
    }

    private Own make(String account) {
        AccountToken token = new AccountToken(() -> token(account), System::nanoTime);
        KubernetesClient client = ApiClient.withCredentials(anonymous, interceptors, token);
        EventRecorder events = new EventRecorder(client, shared.time());
        return new Own(new Context(client, events, shared.time()), events);
    }

    /** Asks for a token, for an account that is made if it is not there. */
    private AccountToken.Granted token(String account) {
        try {
            return request(account);
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
        try {
            create(account);
        } catch (KubernetesClientException e) {
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
            // Not even the namespace is there yet.
            makeNamespace();
            create(account);
        }
        return request(account);
    }

    private AccountToken.Granted request(String account) {
        TokenRequest answer = shared.client()
                .serviceAccounts()
                .inNamespace(ControllerAccounts.NAMESPACE)
                .withName(account)
                .tokenRequest(new TokenRequestBuilder()
                        .withNewSpec()
                        .withExpirationSeconds(LIFE_SECONDS)
                        .endSpec()
                        .build());
        @Nullable
        String token = answer == null || answer.getStatus() == null
                ? null
                : answer.getStatus().getToken();
        if (token == null || token.isEmpty()) {
            throw new KubernetesClientException("the API gave no token to " + ControllerAccounts.NAMESPACE + '/'
                    + account + ", and no reason; is --service-account-signing-key-file set at the API server?");
        }
        Long granted = answer.getSpec() == null ? null : answer.getSpec().getExpirationSeconds();
        long seconds = Math.clamp(granted == null ? LIFE_SECONDS : granted, LIFE_SECONDS_MIN, LIFE_SECONDS_MAX);
        return new AccountToken.Granted(token, Duration.ofSeconds(seconds));
    }

    private void create(String account) {
        try {
            shared.client()
                    .resource(new ServiceAccountBuilder()
                            .withNewMetadata()
                            .withName(account)
                            .withNamespace(ControllerAccounts.NAMESPACE)
                            .endMetadata()
                            .build())
                    .create();
        } catch (KubernetesClientException e) {
            if (!Refusals.isAlreadyExists(e)) {
                throw e;
            }
        }
    }

    private void makeNamespace() {
        try {
            shared.client()
                    .resource(new NamespaceBuilder()
                            .withNewMetadata()
                            .withName(ControllerAccounts.NAMESPACE)
                            .endMetadata()
                            .build())
                    .create();
        } catch (KubernetesClientException e) {
            if (!Refusals.isAlreadyExists(e)) {
                throw e;
            }
        }
    }

    /** Ends all clients; no controller runs any more. */
    @Override
    public synchronized void close() {
        for (Own own : contexts.values()) {
            own.events().close();
            own.context().client().close();
        }
        contexts.clear();
    }
}
