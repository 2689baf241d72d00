package io.keelson.agent.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.cri.RuntimeLabels;
import io.keelson.agent.wire.cri.Container;
import io.keelson.agent.wire.cri.ContainerState;
import io.keelson.agent.wire.cri.ImageSpec;
import io.keelson.agent.wire.cri.ListContainersRequest;
import io.keelson.agent.wire.cri.ListContainersResponse;
import io.keelson.agent.wire.cri.RuntimeServiceGrpc;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What runs is what the runtime says that runs. */
class RunningPodsTest {
    private final List<Container> containers = new CopyOnWriteArrayList<>();
    private volatile boolean fails;
    private Server server;
    private ManagedChannel channel;

    private final class Answering extends RuntimeServiceGrpc.RuntimeServiceImplBase {
        @Override
        public void listContainers(ListContainersRequest request, StreamObserver<ListContainersResponse> answer) {
            if (fails) {
                answer.onError(Status.UNAVAILABLE.withDescription("it is away").asException());
                return;
            }
            assertEquals(
                    ContainerState.CONTAINER_RUNNING,
                    request.getFilter().getState().getState());
            answer.onNext(ListContainersResponse.newBuilder()
                    .addAllContainers(containers)
                    .build());
            answer.onCompleted();
        }
    }

    @BeforeEach
    void begin() throws IOException {
        String name = "running-" + UUID.randomUUID();
        server = InProcessServerBuilder.forName(name)
                .addService(new Answering())
                .build()
                .start();
        channel = InProcessChannelBuilder.forName(name).build();
    }

    @AfterEach
    void end() {
        channel.shutdownNow();
        server.shutdownNow();
    }

    private JsonNode ask() throws IOException {
        Answer answer = new RunningPods(new RuntimeConnection(channel, channel)).answer();
        return new ObjectMapper().readTree(((Answer.Plain) answer).body());
    }

    private void run(String pod, String container) {
        containers.add(Container.newBuilder()
                .setImage(ImageSpec.newBuilder().setImage("image-of-" + container))
                .putLabels(RuntimeLabels.POD_UID, "uid-of-" + pod)
                .putLabels(RuntimeLabels.POD_NAME, pod)
                .putLabels(RuntimeLabels.POD_NAMESPACE, "shop")
                .putLabels(RuntimeLabels.CONTAINER_NAME, container)
                .build());
    }

    @Test
    void arePodsWithTheirContainers() throws IOException {
        run("a", "one");
        run("b", "one");
        run("a", "two");
        containers.add(Container.newBuilder().setId("somebody else's").build());
        JsonNode list = ask();
        assertEquals("PodList", list.path("kind").asText());
        assertEquals(2, list.path("items").size());
        JsonNode first = list.at("/items/0");
        assertEquals("a", first.at("/metadata/name").asText());
        assertEquals("uid-of-a", first.at("/metadata/uid").asText());
        assertEquals("two", first.at("/spec/containers/1/name").asText());
        assertEquals("image-of-two", first.at("/spec/containers/1/image").asText());
    }

    @Test
    void areNotKnownIfTheRuntimeIsAway() {
        fails = true;
        assertEquals(
                "java.io.IOException: the container runtime does not tell what runs: rpc error: code = Unavailable desc = it"
                        + " is away",
                assertThrows(IOException.class, this::ask).toString());
    }
}
