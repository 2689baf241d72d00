package io.keelson.agent.cri;

import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.keelson.agent.wire.cri.AuthConfig;
import io.keelson.agent.wire.cri.FilesystemIdentifier;
import io.keelson.agent.wire.cri.FilesystemUsage;
import io.keelson.agent.wire.cri.Image;
import io.keelson.agent.wire.cri.ImageFsInfoRequest;
import io.keelson.agent.wire.cri.ImageFsInfoResponse;
import io.keelson.agent.wire.cri.ImageServiceGrpc;
import io.keelson.agent.wire.cri.ImageStatusRequest;
import io.keelson.agent.wire.cri.ImageStatusResponse;
import io.keelson.agent.wire.cri.ListImagesRequest;
import io.keelson.agent.wire.cri.ListImagesResponse;
import io.keelson.agent.wire.cri.PullImageRequest;
import io.keelson.agent.wire.cri.PullImageResponse;
import io.keelson.agent.wire.cri.RemoveImageRequest;
import io.keelson.agent.wire.cri.RemoveImageResponse;
import io.keelson.agent.wire.cri.UInt64Value;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;

/**
 * Images of a fake runtime, and the registry from which it pulls them. Images are found by id, by a digest or by a tag, in
 * full, as {@code docker.io/library/busybox:1.36}. Any thread.
 */
public final class FakeImages extends ImageServiceGrpc.ImageServiceImplBase {
    private final FakeCalls calls;
    private final Map<String, Image> images = new LinkedHashMap<>();
    private final Map<String, Offer> offers = new HashMap<>();
    private final List<AuthConfig> credentials = new ArrayList<>();
    private int pulling;
    private int pullingMost;
    private String mountpoint = "/var/lib/fake";
    private volatile Semaphore pullsAllowed = new Semaphore(Integer.MAX_VALUE);

    /**
     * What a registry has.
     *
     * @param user who may pull it; empty for everybody
     */
    private record Offer(long sizeBytes, String user, String password) {}

    FakeImages(FakeCalls calls) {
        this.calls = calls;
    }

    /** Has an image from the beginning; returns its id. */
    public synchronized String have(String reference, long sizeBytes) {
        Image image = image(reference, sizeBytes);
        images.put(image.getId(), image);
        return image.getId();
    }

    /** Has an image that must not be collected. */
    public synchronized String havePinned(String reference, long sizeBytes) {
        Image image = image(reference, sizeBytes).toBuilder().setPinned(true).build();
        images.put(image.getId(), image);
        return image.getId();
    }

    /** The registry has an image, for everybody. */
    public synchronized void offer(String reference, long sizeBytes) {
        offers.put(reference, new Offer(sizeBytes, "", ""));
    }

    /** The registry has an image, for one user. */
    public synchronized void offer(String reference, long sizeBytes, String user, String password) {
        offers.put(reference, new Offer(sizeBytes, user, password));
    }

    /** Lets no pull end but as many as are {@linkplain #letEnd let}. */
    public void holdPulls() {
        pullsAllowed = new Semaphore(0);
    }

    /** Lets so many pulls end that are held. */
    public void letEnd(int pulls) {
        pullsAllowed.release(pulls);
    }

    /** How many pulls there are now. */
    public synchronized int pulling() {
        return pulling;
    }

    /** How many pulls there were at the same time, at most. */
    public synchronized int pullingMost() {
        return pullingMost;
    }

    /** Whose names pulls came with, one of each pull; the default one if with none. */
    public synchronized List<AuthConfig> credentials() {
        return List.copyOf(credentials);
    }

    /** All images by id. */
    public synchronized Map<String, Image> images() {
        return new LinkedHashMap<>(images);
    }

    /** Where images lie, as {@code ImageFsInfo} says. */
    public synchronized void mountpoint(String path) {
        mountpoint = path;
    }

    /** Whether a reference is that of an image which is here. */
    public synchronized boolean has(String reference) {
        return images.values().stream().anyMatch(image -> isNamed(image, reference));
    }

    /** The id that an image has, by how it is called. */
    public static String id(String reference) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(reference.getBytes(StandardCharsets.UTF_8));
            return "sha256:" + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Image image(String reference, long sizeBytes) {
        String id = id(reference);
        int at = reference.indexOf('@');
        Image.Builder image = Image.newBuilder().setId(id).setSize(sizeBytes);
        if (at >= 0) {
            image.addRepoDigests(reference);
        } else {
            image.addRepoTags(reference);
            image.addRepoDigests(reference.substring(0, reference.lastIndexOf(':')) + '@' + id);
        }
        return image.build();
    }

    private static boolean isNamed(Image image, String reference) {
        return image.getId().equals(reference)
                || image.getRepoTagsList().contains(reference)
                || image.getRepoDigestsList().contains(reference);
    }

    @Override
    public void listImages(ListImagesRequest request, StreamObserver<ListImagesResponse> caller) {
        calls.answer("ListImages", caller, () -> ListImagesResponse.newBuilder()
                .addAllImages(images().values())
                .build());
    }

    @Override
    public void imageStatus(ImageStatusRequest request, StreamObserver<ImageStatusResponse> caller) {
        calls.answer("ImageStatus", caller, () -> {
            ImageStatusResponse.Builder answer = ImageStatusResponse.newBuilder();
            images().values().stream()
                    .filter(image -> isNamed(image, request.getImage().getImage()))
                    .findFirst()
                    .ifPresent(answer::setImage);
            return answer.build();
        });
    }

    @Override
    public void pullImage(PullImageRequest request, StreamObserver<PullImageResponse> caller) {
        calls.answer("PullImage", caller, () -> {
            String reference = request.getImage().getImage();
            Offer offer;
            synchronized (this) {
                credentials.add(request.getAuth());
                pulling++;
                pullingMost = Math.max(pullingMost, pulling);
                offer = offers.get(reference);
            }
            try {
                pullsAllowed.acquireUninterruptibly();
            } finally {
                synchronized (this) {
                    pulling--;
                }
            }
            if (offer == null) {
                throw Status.NOT_FOUND
                        .withDescription("failed to pull and unpack image \"" + reference + "\": not found")
                        .asRuntimeException();
            }
            AuthConfig who = request.getAuth();
            if (!offer.user().equals("")
                    && !(offer.user().equals(who.getUsername()) && offer.password().equals(who.getPassword()))) {
                throw Status.UNKNOWN
                        .withDescription("failed to pull and unpack image \"" + reference
                                + "\": failed to authorize: 401 Unauthorized")
                        .asRuntimeException();
            }
            return PullImageResponse.newBuilder()
                    .setImageRef(have(reference, offer.sizeBytes()))
                    .build();
        });
    }

    @Override
    public void removeImage(RemoveImageRequest request, StreamObserver<RemoveImageResponse> caller) {
        calls.answer("RemoveImage", caller, () -> {
            synchronized (this) {
                images.values().removeIf(image -> isNamed(image, request.getImage().getImage()));
            }
            return RemoveImageResponse.getDefaultInstance();
        });
    }

    @Override
    public void imageFsInfo(ImageFsInfoRequest request, StreamObserver<ImageFsInfoResponse> caller) {
        calls.answer("ImageFsInfo", caller, () -> {
            synchronized (this) {
                long used = images.values().stream().mapToLong(Image::getSize).sum();
                return ImageFsInfoResponse.newBuilder()
                        .addImageFilesystems(FilesystemUsage.newBuilder()
                                .setFsId(FilesystemIdentifier.newBuilder().setMountpoint(mountpoint))
                                .setUsedBytes(UInt64Value.newBuilder().setValue(used)))
                        .build();
            }
        });
    }
}
