package io.keelson.agent.embedded.images.service;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.keelson.agent.embedded.images.Digest;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.Json;
import io.keelson.agent.embedded.images.Platform;
import io.keelson.agent.embedded.images.Reference;
import io.keelson.agent.embedded.images.Snapshots;
import io.keelson.agent.embedded.images.registry.Credentials;
import io.keelson.agent.embedded.images.registry.Pull;
import io.keelson.agent.embedded.images.registry.PullProgress;
import io.keelson.agent.embedded.images.store.ImageStore;
import io.keelson.agent.embedded.images.store.StoredImage;
import io.keelson.agent.wire.cri.AuthConfig;
import io.keelson.agent.wire.cri.FilesystemIdentifier;
import io.keelson.agent.wire.cri.FilesystemUsage;
import io.keelson.agent.wire.cri.Image;
import io.keelson.agent.wire.cri.ImageFilter;
import io.keelson.agent.wire.cri.ImageFsInfoRequest;
import io.keelson.agent.wire.cri.ImageFsInfoResponse;
import io.keelson.agent.wire.cri.ImageServiceGrpc;
import io.keelson.agent.wire.cri.ImageSpec;
import io.keelson.agent.wire.cri.ImageStatusRequest;
import io.keelson.agent.wire.cri.ImageStatusResponse;
import io.keelson.agent.wire.cri.Int64Value;
import io.keelson.agent.wire.cri.ListImagesRequest;
import io.keelson.agent.wire.cri.ListImagesResponse;
import io.keelson.agent.wire.cri.PullImageRequest;
import io.keelson.agent.wire.cri.PullImageResponse;
import io.keelson.agent.wire.cri.RemoveImageRequest;
import io.keelson.agent.wire.cri.RemoveImageResponse;
import io.keelson.agent.wire.cri.StreamImagesRequest;
import io.keelson.agent.wire.cri.StreamImagesResponse;
import io.keelson.agent.wire.cri.UInt64Value;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers for the images of a store. Errors have the codes that containerd gives them. Calls block: the server gives
 * each a thread of its own.
 */
public final class EmbeddedImages extends ImageServiceGrpc.ImageServiceImplBase {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedImages.class);

    private final ImageStore store;
    private final Pull pull;
    private final Platform platform;
    private final InstantSource clock;

    /**
     * Answers for a store.
     *
     * @param pull pulls into the same store
     */
    public EmbeddedImages(ImageStore store, Pull pull, Platform platform, InstantSource clock) {
        this.store = store;
        this.pull = pull;
        this.platform = platform;
        this.clock = clock;
    }

    private interface Answer<T> {
        T get() throws IOException;
    }

    private static <T> void answer(StreamObserver<T> observer, String what, Answer<T> answer) {
        T result;
        try {
            result = answer.get();
        } catch (IOException | RuntimeException e) {
            LOG.debug("{}", what, e);
            observer.onError(code(e).withDescription(what + ": " + e.getMessage())
                    .withCause(e)
                    .asRuntimeException());
            return;
        }
        observer.onNext(result);
        observer.onCompleted();
    }

    private static Status code(Exception failure) {
        if (!(failure instanceof ImageProblem problem)) {
            return Status.UNKNOWN;
        }
        return switch (problem.kind()) {
            case NOT_FOUND -> Status.NOT_FOUND;
            case INVALID -> Status.INVALID_ARGUMENT;
            case CONFLICT -> Status.ALREADY_EXISTS;
            case UNREACHABLE -> Status.UNAVAILABLE;
            case TOO_LARGE -> Status.RESOURCE_EXHAUSTED;
            case UNSUPPORTED -> Status.UNIMPLEMENTED;
            // containerd has no codes for these.
            case DENIED, DAMAGED -> Status.UNKNOWN;
        };
    }

    @Override
    public void listImages(ListImagesRequest request, StreamObserver<ListImagesResponse> observer) {
        answer(
                observer,
                "failed to list images",
                () -> ListImagesResponse.newBuilder()
                        .addAllImages(list(request.getFilter()))
                        .build());
    }

    @Override
    public void streamImages(StreamImagesRequest request, StreamObserver<StreamImagesResponse> observer) {
        answer(
                observer,
                "failed to list images",
                () -> StreamImagesResponse.newBuilder()
                        .addAllImages(list(request.getFilter()))
                        .build());
    }

    private List<Image> list(ImageFilter filter) throws IOException {
        String wanted = filter.getImage().getImage();
        List<StoredImage> images =
                wanted.isEmpty() ? store.list() : store.find(wanted).stream().toList();
        return images.stream().map(EmbeddedImages::image).toList();
    }

    private static Image image(StoredImage stored) {
        Image.Builder image = Image.newBuilder()
                .setId(stored.id().toString())
                .addAllRepoTags(stored.tags())
                .addAllRepoDigests(stored.digests())
                .setSize(stored.size())
                .setSpec(ImageSpec.newBuilder().setImage(stored.id().toString()));
        String user = stored.description().run().user();
        int colon = user.indexOf(':');
        String name = colon < 0 ? user : user.substring(0, colon);
        if (!name.isEmpty() && name.length() < 19 && name.chars().allMatch(c -> c >= '0' && c <= '9')) {
            image.setUid(Int64Value.newBuilder().setValue(Long.parseLong(name)));
        } else {
            image.setUsername(name);
        }
        return image.build();
    }

    @Override
    public void imageStatus(ImageStatusRequest request, StreamObserver<ImageStatusResponse> observer) {
        String name = request.getImage().getImage();
        answer(observer, "can not resolve \"" + name + "\" locally", () -> {
            Optional<StoredImage> found = store.find(name);
            ImageStatusResponse.Builder response = ImageStatusResponse.newBuilder();
            if (found.isPresent()) {
                response.setImage(image(found.get()));
                if (request.getVerbose()) {
                    response.putInfo("info", info(found.get()));
                }
            }
            return response.build();
        });
    }

    private String info(StoredImage image) throws IOException {
        ObjectNode info = Json.object();
        List<Digest> chain = image.description().chain();
        info.put("chainID", chain.isEmpty() ? "" : chain.getLast().toString());
        try (var config = store.blob(image.id())) {
            info.set("imageSpec", Json.tree(config.readAllBytes(), "the configuration of image " + image.id()));
        }
        return new String(Json.bytes(info), StandardCharsets.UTF_8);
    }

    @Override
    public void pullImage(PullImageRequest request, StreamObserver<PullImageResponse> observer) {
        String name = request.getImage().getImage();
        answer(observer, "failed to pull and unpack image \"" + name + "\"", () -> {
            Reference reference = Reference.parse(name);
            StoredImage image =
                    pull.pull(reference, platform, credentials(request.getAuth(), reference), PullProgress.NONE);
            return PullImageResponse.newBuilder()
                    .setImageRef(image.id().toString())
                    .build();
        });
    }

    /** Those for another registry are not used. */
    private static Credentials credentials(AuthConfig auth, Reference reference) throws ImageProblem {
        String server = auth.getServerAddress();
        if (!server.isEmpty()) {
            String host = server.replaceFirst("^https?://", "").replaceFirst("/.*$", "");
            boolean docker = host.equals("index.docker.io") || host.equals("registry-1.docker.io");
            if (!(docker ? "docker.io" : host).equals(reference.host())) {
                return Credentials.NONE;
            }
        }
        if (!auth.getUsername().isEmpty() || !auth.getIdentityToken().isEmpty()) {
            return new Credentials(
                    auth.getUsername(), auth.getPassword(), auth.getIdentityToken(), auth.getRegistryToken());
        }
        if (!auth.getAuth().isEmpty()) {
            return Credentials.ofBase64(auth.getAuth());
        }
        return new Credentials("", "", "", auth.getRegistryToken());
    }

    @Override
    public void removeImage(RemoveImageRequest request, StreamObserver<RemoveImageResponse> observer) {
        String name = request.getImage().getImage();
        answer(observer, "failed to remove image \"" + name + "\"", () -> {
            Optional<StoredImage> found = store.find(name);
            if (found.isPresent()) {
                store.remove(found.get());
            }
            return RemoveImageResponse.getDefaultInstance();
        });
    }

    @Override
    public void imageFsInfo(ImageFsInfoRequest request, StreamObserver<ImageFsInfoResponse> observer) {
        answer(observer, "failed to measure images", () -> {
            long bytes = 0;
            long inodes = 0;
            for (Snapshots.Snapshot snapshot : store.snapshots().list()) {
                try {
                    Snapshots.Usage usage = store.snapshots().usage(snapshot.key());
                    bytes += usage.bytes();
                    inodes += usage.inodes();
                } catch (ImageProblem e) {
                    // Removed meanwhile.
                }
            }
            return ImageFsInfoResponse.newBuilder()
                    .addImageFilesystems(usage(store.usage()))
                    .addContainerFilesystems(usage(new Snapshots.Usage(bytes, inodes)))
                    .build();
        });
    }

    private FilesystemUsage usage(Snapshots.Usage usage) {
        return FilesystemUsage.newBuilder()
                .setTimestamp(TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .setFsId(FilesystemIdentifier.newBuilder()
                        .setMountpoint(store.root().toString()))
                .setUsedBytes(UInt64Value.newBuilder().setValue(usage.bytes()))
                .setInodesUsed(UInt64Value.newBuilder().setValue(usage.inodes()))
                .build();
    }
}
