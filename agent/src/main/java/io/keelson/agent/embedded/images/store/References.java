package io.keelson.agent.embedded.images.store;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.keelson.agent.embedded.images.Digest;
import io.keelson.agent.embedded.images.ImageProblem;
import io.keelson.agent.embedded.images.Json;
import io.keelson.controllers.process.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The names of images, one file each, called by the name's digest since names are longer than files' may be. */
final class References {
    private final StoreFolders folders;

    References(StoreFolders folders) {
        this.folders = folders;
    }

    /**
     * A name.
     *
     * @param name in full: with tag, with digest, or {@code sha256:…}, the image's own id
     * @param target the manifest, or the index of all platforms, as the registry has it
     * @param manifest that of the image itself
     */
    record Named(String name, Digest target, Digest manifest) {}

    /**
     * All names.
     *
     * @throws ImageProblem {@code DAMAGED}, and says which file
     */
    List<Named> list() throws IOException {
        List<Named> found = new ArrayList<>();
        for (Path file : StoreFolders.in(folders.references())) {
            read(file).ifPresent(found::add);
        }
        return found;
    }

    Optional<Named> find(String name) throws IOException {
        return read(file(name));
    }

    /** Writes a name, or where it now leads. The lock must be held. */
    void put(Named named) throws IOException {
        ObjectNode node = Json.object();
        node.put("name", named.name());
        node.put("target", named.target().toString());
        node.put("manifest", named.manifest().toString());
        Path file = file(named.name());
        WholeFile.writeDurably(file, folders.ingest().resolve("reference-" + file.getFileName()), Json.bytes(node));
    }

    /** Removes a name. The lock must be held. */
    void remove(String name) throws IOException {
        Path file = file(name);
        if (Files.deleteIfExists(file)) {
            WholeFile.syncName(file);
        }
    }

    private Path file(String name) {
        return folders.references()
                .resolve(Digest.of(name.getBytes(StandardCharsets.UTF_8)).hex());
    }

    private static Optional<Named> read(Path file) throws IOException {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        try {
            ObjectNode node = Json.object(bytes, file.toString());
            return Optional.of(new Named(
                    node.path("name").asText(),
                    Digest.parse(node.path("target").asText()),
                    Digest.parse(node.path("manifest").asText())));
        } catch (ImageProblem e) {
            throw new ImageProblem(
                    ImageProblem.Kind.DAMAGED,
                    file + ", which names an image, is damaged; delete it, and pull or import that image again: "
                            + e.getMessage(),
                    e);
        }
    }
}
