package io.keelson.controllers.testing;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A client some of whose writes fail before they reach the server. To a control loop that is as a crash is between two
 * writes: what it had written is there, what it would have written is not, and it begins again.
 */
public final class UnreliableClient {
    private UnreliableClient() {}

    /**
     * Makes one.
     *
     * @param share how many of its writes fail, from 0 to 1
     * @param failed counts those that did
     */
    public static KubernetesClient of(TestCluster cluster, long seed, double share, AtomicInteger failed) {
        Random random = new Random(seed);
        return new KubernetesClientBuilder()
                .withConfig(cluster.client().getConfiguration())
                .withTaskExecutor(Executors.newVirtualThreadPerTaskExecutor())
                .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("noting", cluster.noting())
                        .addOrReplaceInterceptor("unreliable", new Interceptor() {
                            @Override
                            public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
                                if (!request.method().equals("GET") && random.nextDouble() < share) {
                                    failed.incrementAndGet();
                                    throw new KubernetesClientException("crashed before " + request.method());
                                }
                            }
                        }))
                .build();
    }
}
