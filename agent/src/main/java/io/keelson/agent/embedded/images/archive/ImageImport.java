package io.keelson.agent.embedded.images.archive;

import com.fasterxml.jackson.databind.JsonNode;
import io.keelson.agent.embedded.images.Descriptor;
import io.keelson.agent.embedded.images.Digest;
import io.keelson.agent.embedded.images.ImageIndex;
import io.keelson.agent.embedded.images.ImageManifest;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.Json;
import io.keelson.agent.embedded.images.MediaType;
import io.keelson.agent.embedded.images.Platform;
import io.keelson.agent.embedded.images.Reference;
import io.keelson.agent.embedded.images.store.ImageAddition;
import io.keelson.agent.embedded.images.store.ImageStore;
import io.keelson.agent.embedded.images.store.StoredImage;
import io.keelson.agent.embedded.images.tar.Compression;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Takes images from files: an OCI image layout, as a folder or an archive, or what {@code docker save} writes, old and
 * new; archives may be compressed with gzip or zstd.
 */
public final class ImageImport {
    /** An index in an index, and one more. */
    private static final int DEPTH_MAX = 4;

    private final ImageStore store;
    private final Platform platform;

    /**
     * Takes into a store.
     *
     * @param platform of which images are taken where there are several
     */
    public ImageImport(ImageStore store, Platform platform) {
        this.store = store;
        this.platform = platform;
    }

    /**
     * Takes all images of a file or folder.
     *
     * @param name for the image, if there is only one; else it has the name that the file says
     * @throws ImageProblem {@code NOT_FOUND}: no such file, or no image for the platform; {@code DAMAGED};
     *     {@code INVALID}: a name for several images
     */
    public List<StoredImage> take(Path file, Optional<String> name) throws IOException {
        try (ImageAddition addition = store.add()) {
            if (Files.isDirectory(file)) {
                return take(new LayoutFolder(file.toRealPath(), addition), addition, file, name);
            }
            try (InputStream in = Compression.expand(Files.newInputStream(file))) {
                return take(new LayoutArchive(in, addition), addition, file, name);
            } catch (NoSuchFileException e) {
                throw new ImageProblem(ImageProblem.Kind.NOT_FOUND, file + ": no such file", e);
            } catch (ImageProblem e) {
                throw e;
            } catch (IOException e) {
                throw new ImageProblem(ImageProblem.Kind.DAMAGED, file + ": " + e.getMessage(), e);
            }
        }
    }

    private List<StoredImage> take(ImageSource source, ImageAddition addition, Path file, Optional<String> name)
            throws IOException {
        Optional<byte[]> index = source.document("index.json");
        Optional<byte[]> saved = source.document("manifest.json");
        List<Found> found;
        if (index.isPresent()) {
            found = ofLayout(source, addition, ImageIndex.parse(index.get(), "index.json"));
            if (saved.isPresent()
                    && found.stream().allMatch(each -> each.names().isEmpty())) {
                found = withNames(found, Json.tree(saved.get(), "manifest.json"));
            }
        } else if (saved.isPresent()) {
            found = ofDocker(source, addition, Json.tree(saved.get(), "manifest.json"));
        } else {
            throw new ImageProblem(
                    ImageProblem.Kind.DAMAGED,
                    file + " holds no image: it has neither index.json nor manifest.json"
                            + (source.document("repositories").isPresent()
                                    ? "; a Docker older than 1.10 wrote it, save the image with a newer one"
                                    : ""));
        }
        if (name.isPresent() && found.size() > 1) {
            throw new ImageProblem(
                    ImageProblem.Kind.INVALID,
                    file + " holds " + found.size() + " images; a name can be given for one only");
        }
        List<StoredImage> images = new ArrayList<>();
        for (Found each : found) {
            List<Reference> names = new ArrayList<>();
            for (String own : name.map(List::of).orElse(each.names())) {
                names.add(Reference.parse(own));
            }
            images.add(addition.finish(each.target(), each.manifest(), names));
        }
        return images;
    }

    private record Found(Digest target, Digest manifest, List<String> names) {}

    /** Those of one name, or without any, are the same image for several platforms. */
    private List<Found> ofLayout(ImageSource source, ImageAddition addition, ImageIndex index) throws IOException {
        Map<Optional<String>, List<Descriptor>> byName = new LinkedHashMap<>();
        for (Descriptor each : index.manifests()) {
            byName.computeIfAbsent(name(each), _ -> new ArrayList<>()).add(each);
        }
        List<Found> found = new ArrayList<>();
        for (Map.Entry<Optional<String>, List<Descriptor>> each : byName.entrySet()) {
            String what = each.getKey().orElse("index.json");
            Descriptor target = new ImageIndex(each.getValue()).select(platform, what);
            Digest manifest = manifest(source, addition, target, what, 0);
            found.add(
                    new Found(target.digest(), manifest, each.getKey().stream().toList()));
        }
        if (found.isEmpty()) {
            throw new ImageProblem(ImageProblem.Kind.NOT_FOUND, "index.json lists no image");
        }
        return found;
    }

    /** A name may be in full, or a tag alone, which is none. */
    private static Optional<String> name(Descriptor descriptor) {
        String full = descriptor.annotations().getOrDefault("io.containerd.image.name", "");
        if (!full.isEmpty()) {
            return Optional.of(full);
        }
        String given = descriptor.annotations().getOrDefault("org.opencontainers.image.ref.name", "");
        return given.indexOf('/') >= 0 || given.indexOf(':') >= 0 ? Optional.of(given) : Optional.empty();
    }

    /** Brings a manifest with all its parts; of an index, the one for the platform. */
    private Digest manifest(ImageSource source, ImageAddition addition, Descriptor target, String what, int depth)
            throws IOException {
        require(source, addition, target);
        byte[] bytes = addition.document(target.digest());
        String kind = target.mediaType().isEmpty()
                ? Json.object(bytes, what).path("mediaType").asText("")
                : target.mediaType();
        boolean isIndex = MediaType.isIndex(kind)
                || (!MediaType.isManifest(kind) && Json.object(bytes, what).has("manifests"));
        if (isIndex) {
            if (depth == DEPTH_MAX) {
                throw new ImageProblem(ImageProblem.Kind.DAMAGED, what + " is an index of indexes without end");
            }
            return manifest(source, addition, ImageIndex.parse(bytes, what).select(platform, what), what, depth + 1);
        }
        ImageManifest manifest = ImageManifest.parse(bytes, what);
        require(source, addition, manifest.config());
        for (Descriptor layer : manifest.layers()) {
            require(source, addition, layer);
        }
        return target.digest();
    }

    private static void require(ImageSource source, ImageAddition addition, Descriptor part) throws IOException {
        if (addition.has(part)) {
            return;
        }
        if (!source.blob(part.digest())) {
            throw new ImageProblem(
                    ImageProblem.Kind.DAMAGED,
                    "blob " + part.digest() + " is missing; the image was saved for other platforms only, or in part");
        }
        if (!addition.has(part)) {
            throw new ImageProblem(
                    ImageProblem.Kind.DAMAGED,
                    "blob " + part.digest() + " is not the " + part.size() + " bytes long that it should be");
        }
    }

    private List<Found> ofDocker(ImageSource source, ImageAddition addition, JsonNode images) throws IOException {
        List<Found> found = new ArrayList<>();
        for (JsonNode image : images) {
            String configName = image.path("Config").asText("");
            ImageSource.Part config = required(source, configName);
            List<Descriptor> layers = new ArrayList<>();
            for (JsonNode each : image.path("Layers")) {
                ImageSource.Part layer = required(source, each.asText(""));
                layers.add(new Descriptor(
                        MediaType.LAYER + Compression.of(layer.head()).suffix(), layer.digest(), layer.size()));
            }
            Descriptor description = new Descriptor(MediaType.CONFIG, config.digest(), config.size());
            byte[] manifest = new ImageManifest(MediaType.MANIFEST, description, layers).bytes();
            Digest digest = addition.put(MediaType.MANIFEST, manifest).digest();
            found.add(new Found(digest, digest, names(image)));
        }
        if (found.isEmpty()) {
            throw new ImageProblem(ImageProblem.Kind.NOT_FOUND, "manifest.json lists no image");
        }
        return found;
    }

    private static List<String> names(JsonNode image) {
        List<String> names = new ArrayList<>();
        image.path("RepoTags").forEach(tag -> names.add(tag.asText()));
        return names;
    }

    private static ImageSource.Part required(ImageSource source, String name) throws IOException {
        return source.file(name)
                .orElseThrow(() -> new ImageProblem(
                        ImageProblem.Kind.DAMAGED, "\"" + name + "\", which manifest.json names, is missing"));
    }

    /** Newer Dockers write both; where the layout has no name for its only image, the other may. */
    private static List<Found> withNames(List<Found> found, JsonNode saved) {
        if (found.size() != 1 || saved.size() != 1) {
            return found;
        }
        Found only = found.getFirst();
        return List.of(new Found(only.target(), only.manifest(), names(saved.get(0))));
    }
}
