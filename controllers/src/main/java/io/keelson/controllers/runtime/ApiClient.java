package io.keelson.controllers.runtime;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;

/** Makes clients as control loops need them. */
public final class ApiClient {
    private static final Duration CALL_MAX = Duration.ofSeconds(60);

    private ApiClient() {}

    /**
     * A client that sends each call once. The library would send a call again whose answer was lost, and make a second pod of
     * a creation that had gone well; a loop looks at what there is first.
     *
     * @param interceptors see each call
     */
    public static KubernetesClient of(Config config, List<? extends Interceptor> interceptors) {
        return of(config, CALL_MAX, interceptors);
    }

    /** The same with another time after which a call has failed. */
    public static KubernetesClient of(Config config, Duration callMax, List<? extends Interceptor> interceptors) {
        Config once = new ConfigBuilder(config)
                .withRequestRetryBackoffLimit(0)
                .withRequestTimeout(Math.toIntExact(callMax.toMillis()))
                .build();
        return new KubernetesClientBuilder()
                .withConfig(once)
                .withTaskExecutor(Executors.newVirtualThreadPerTaskExecutor())
                .withHttpClientBuilderConsumer(builder -> {
                    for (Interceptor interceptor : interceptors) {
                        builder.addOrReplaceInterceptor(interceptor.getClass().getName(), interceptor);
                    }
                })
                .build();
    }
}
