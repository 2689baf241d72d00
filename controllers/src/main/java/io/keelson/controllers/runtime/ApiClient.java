package io.keelson.controllers.runtime;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.utils.TokenRefreshInterceptor;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** Makes clients as control loops need them. What these read comes without its managed fields. */
public final class ApiClient {
    /** After this a call has failed, unless something else is said. */
    public static final Duration CALL_MAX = Duration.ofSeconds(60);

    private ApiClient() {}

    /**
     * A client that sends each call once. The library would send a call again whose answer was lost, and make a second
     * pod of a creation that had gone well; a loop looks at what there is first.
     *
     * @param interceptors see each call
     */
    public static KubernetesClient of(Config config, List<? extends Interceptor> interceptors) {
        return of(config, CALL_MAX, interceptors);
    }

    /** The same with another time after which a call has failed. */
    public static KubernetesClient of(Config config, Duration callMax, List<? extends Interceptor> interceptors) {
        return of(config, callMax, interceptors, null, null);
    }

    /**
     * A client whose connections somebody else makes, and shows in them who it is.
     *
     * @param config where the API is; it must not hold credentials
     */
    public static KubernetesClient over(
            HttpClient.Factory connections, Config config, List<? extends Interceptor> interceptors) {
        return over(connections, config, CALL_MAX, interceptors);
    }

    /** The same with another time after which a call has failed. */
    public static KubernetesClient over(
            HttpClient.Factory connections, Config config, Duration callMax, List<? extends Interceptor> interceptors) {
        return of(config, callMax, interceptors, null, connections);
    }

    /**
     * A client that shows credentials of its own, which may change while it is used.
     *
     * @param config where the API is and what it is trusted by; it must not hold other credentials
     * @param credentials puts them into each call
     */
    public static KubernetesClient withCredentials(
            Config config, List<? extends Interceptor> interceptors, Interceptor credentials) {
        return of(config, CALL_MAX, interceptors, credentials, null);
    }

    private static KubernetesClient of(
            Config config,
            Duration callMax,
            List<? extends Interceptor> interceptors,
            @Nullable Interceptor credentials,
            HttpClient.@Nullable Factory connections) {
        Config once = new ConfigBuilder(config)
                .withRequestRetryBackoffLimit(0)
                .withRequestTimeout(Math.toIntExact(callMax.toMillis()))
                .build();
        KubernetesClientBuilder client = new KubernetesClientBuilder();
        if (connections != null) {
            client.withHttpClientFactory(connections);
        } else if (credentials != null || showsCertificateOnly(once)) {
            SharedTls.of(once).ifPresent(client::withHttpClientFactory);
        }
        return client.withConfig(once)
                .withKubernetesSerialization(new SlimReading())
                .withTaskExecutor(Executors.newVirtualThreadPerTaskExecutor())
                .withHttpClientBuilderConsumer(builder -> {
                    if (credentials != null) {
                        // The library's own would read the configuration's again when the API refuses a token.
                        builder.addOrReplaceInterceptor(TokenRefreshInterceptor.NAME, credentials);
                    } else if (connections != null || showsCertificateOnly(once)) {
                        // Looking for a token, it would read the kubeconfig again for each call after the first minute.
                        builder.addOrReplaceInterceptor(TokenRefreshInterceptor.NAME, null);
                    }
                    for (Interceptor interceptor : interceptors) {
                        builder.addOrReplaceInterceptor(interceptor.getClass().getName(), interceptor);
                    }
                })
                .build();
    }

    /** Whether a client is known by its certificate, and has nothing else that could be renewed. */
    private static boolean showsCertificateOnly(Config config) {
        return (given(config.getClientCertFile()) || given(config.getClientCertData()))
                && config.getOauthTokenProvider() == null
                && config.getAuthProvider() == null
                && !given(config.getOauthToken())
                && !given(config.getAutoOAuthToken())
                && !given(config.getUsername());
    }

    private static boolean given(@Nullable String text) {
        return text != null && !text.isEmpty();
    }
}
