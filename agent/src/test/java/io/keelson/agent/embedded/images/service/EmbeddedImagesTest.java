package io.keelson.agent.embedded.images.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.keelson.agent.cri.RuntimeConnection;
import io.keelson.agent.embedded.images.Platform;
import io.keelson.agent.embedded.images.registry.Pull;
import io.keelson.agent.embedded.images.registry.RegistryHosts;
import io.keelson.agent.embedded.images.registry.RegistryLimits;
import io.keelson.agent.embedded.images.store.StoredImage;
import io.keelson.agent.embedded.images.store.TarLayer;
import io.keelson.agent.embedded.images.store.TestStore;
import io.keelson.agent.wire.cri.Image;
import io.keelson.agent.wire.cri.ImageFilter;
import io.keelson.agent.wire.cri.ImageFsInfoRequest;
import io.keelson.agent.wire.cri.ImageServiceGrpc.ImageServiceBlockingStub;
import io.keelson.agent.wire.cri.ImageSpec;
import io.keelson.agent.wire.cri.ImageStatusRequest;
import io.keelson.agent.wire.cri.ImageStatusResponse;
import io.keelson.agent.wire.cri.ListImagesRequest;
import io.keelson.agent.wire.cri.PullImageRequest;
import io.keelson.agent.wire.cri.RemoveImageRequest;
import io.keelson.agent.wire.cri.StreamImagesRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("root")
final class EmbeddedImagesTest {
    private static final RegistryLimits LIMITS = new RegistryLimits(
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            1,
            1,
            Duration.ofMillis(1),
            1,
            1 << 20);

    private TestStore test;
    private Pull pull;
    private Server server;
    private ManagedChannel channel;
    private ImageServiceBlockingStub images;

    @BeforeEach
    void open() throws IOException {
        test = new TestStore();
        pull = new Pull(test.store(), LIMITS, RegistryHosts.USUAL);
        String name = UUID.randomUUID().toString();
        server = InProcessServerBuilder.forName(name)
                .addService(new EmbeddedImages(
                        test.store(),
                        pull,
                        new Platform("linux", "amd64", ""),
                        InstantSource.fixed(Instant.ofEpochSecond(5))))
                .build()
                .start();
        channel = InProcessChannelBuilder.forName(name).build();
        images = new RuntimeConnection(channel, channel).images(Duration.ofSeconds(60));
    }

    @AfterEach
    void close() throws IOException {
        channel.shutdownNow();
        server.shutdownNow();
        pull.close();
        test.close();
    }

    private static ImageSpec spec(String name) {
        return ImageSpec.newBuilder().setImage(name).build();
    }

    @Test
    void imagesAreListedToldOfAndRemovedWithAllTheirNames() throws IOException {
        byte[] layer = new TarLayer().file("f", "x").bytes();
        StoredImage stored = test.add("app:1", layer);
        test.add("app:2", layer);
        List<Image> all =
                images.listImages(ListImagesRequest.getDefaultInstance()).getImagesList();
        assertEquals(1, all.size());
        assertEquals(
                List.of("docker.io/library/app:1", "docker.io/library/app:2"),
                all.getFirst().getRepoTagsList());
        assertEquals(stored.id().toString(), all.getFirst().getId());
        assertEquals(stored.size(), all.getFirst().getSize());
        assertEquals(
                all,
                images.streamImages(StreamImagesRequest.getDefaultInstance())
                        .next()
                        .getImagesList());
        ImageFilter filter = ImageFilter.newBuilder().setImage(spec("none")).build();
        assertEquals(
                0,
                images.listImages(
                                ListImagesRequest.newBuilder().setFilter(filter).build())
                        .getImagesCount());

        ImageStatusResponse status = images.imageStatus(ImageStatusRequest.newBuilder()
                .setImage(spec("app:2"))
                .setVerbose(true)
                .build());
        assertEquals(all.getFirst(), status.getImage());
        assertTrue(status.getInfoOrThrow("info").contains("\"Cmd\":[\"/bin/sh\"]"), status.toString());
        assertFalse(images.imageStatus(
                        ImageStatusRequest.newBuilder().setImage(spec("none")).build())
                .hasImage());

        var usage = images.imageFsInfo(ImageFsInfoRequest.getDefaultInstance());
        assertTrue(usage.getImageFilesystems(0).getUsedBytes().getValue() > layer.length);
        assertEquals(5_000_000_000L, usage.getImageFilesystems(0).getTimestamp());

        images.removeImage(
                RemoveImageRequest.newBuilder().setImage(spec("app:1")).build());
        images.removeImage(
                RemoveImageRequest.newBuilder().setImage(spec("app:1")).build());
        assertEquals(
                0, images.listImages(ListImagesRequest.getDefaultInstance()).getImagesCount());
    }

    private Status.Code pullFails(String name) {
        StatusRuntimeException failure = assertThrows(
                StatusRuntimeException.class,
                () -> images.pullImage(
                        PullImageRequest.newBuilder().setImage(spec(name)).build()));
        assertTrue(
                failure.toString().contains("failed to pull and unpack image \"" + name + "\": "), failure.toString());
        return failure.getStatus().getCode();
    }

    @Test
    void failuresHaveTheCodesThatCallersKnow() throws IOException {
        int closed;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = free.getLocalPort();
        }
        assertEquals(Status.Code.UNAVAILABLE, pullFails("127.0.0.1:" + closed + "/app:1"));
        assertEquals(Status.Code.INVALID_ARGUMENT, pullFails("host/UPPER"));
    }
}
