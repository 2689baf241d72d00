package io.keelson.agent.embedded.images.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

/** What overlayfs merges of unpacked layers is what they say, applied one after the other to a tree in memory. */
@Tag("root")
final class LayerStackProperties {
    enum Kind {
        FILE,
        FOLDER,
        LINK,
        DELETION,
        HIDING
    }

    record Step(Kind kind, String path) {}

    @Provide
    Arbitrary<List<List<Step>>> stacks() {
        Arbitrary<String> path =
                Arbitraries.of("a", "b", "c").list().ofMinSize(1).ofMaxSize(3).map(parts -> String.join("/", parts));
        Arbitrary<Step> step =
                Combinators.combine(Arbitraries.of(Kind.class), path).as(Step::new);
        return step.list()
                .ofMinSize(1)
                .ofMaxSize(8)
                .map(LayerStackProperties::consistent)
                .list()
                .ofMinSize(1)
                .ofMaxSize(4);
    }

    /** One archive does not have a file on the way to another file, nor a path twice. */
    private static List<Step> consistent(List<Step> steps) {
        List<Step> kept = new ArrayList<>();
        for (Step step : steps) {
            boolean fits = kept.stream().noneMatch(other -> clash(step, other) || clash(other, step));
            if (fits) {
                kept.add(step);
            }
        }
        return kept;
    }

    private static boolean clash(Step one, Step other) {
        boolean leaf = one.kind() == Kind.FILE || one.kind() == Kind.LINK;
        if (one.path().equals(other.path())) {
            boolean hides = other.kind() == Kind.HIDING && leaf;
            boolean same = isEntry(one) == isEntry(other) && one.kind() != Kind.HIDING && other.kind() != Kind.HIDING;
            return hides || same || one.kind() == other.kind();
        }
        return leaf && other.path().startsWith(one.path() + "/");
    }

    private static boolean isEntry(Step step) {
        return step.kind() != Kind.DELETION && step.kind() != Kind.HIDING;
    }

    private static byte[] layer(List<Step> steps, int number) {
        TarLayer layer = new TarLayer();
        for (Step step : steps) {
            int slash = step.path().lastIndexOf('/');
            String name = step.path().substring(slash + 1);
            switch (step.kind()) {
                case FILE -> layer.file(step.path(), "" + number);
                case FOLDER -> layer.folder(step.path() + "/", 0755);
                case LINK -> layer.link(step.path(), "to" + number);
                case DELETION -> layer.file(step.path().substring(0, slash + 1) + ".wh." + name, "");
                case HIDING -> layer.file(step.path() + "/.wh..wh..opq", "");
            }
        }
        return layer.bytes();
    }

    /** First everything that goes, then everything that comes. */
    private static void apply(List<Step> steps, int number, Map<String, String> tree) {
        for (Step step : steps) {
            if (step.kind() == Kind.DELETION) {
                removeAll(tree, step.path(), true);
            } else if (step.kind() == Kind.HIDING) {
                removeAll(tree, step.path(), false);
            }
        }
        for (Step step : steps) {
            if (step.kind() == Kind.DELETION) {
                continue;
            }
            for (int slash = step.path().indexOf('/');
                    slash > 0;
                    slash = step.path().indexOf('/', slash + 1)) {
                makeFolder(tree, step.path().substring(0, slash));
            }
            switch (step.kind()) {
                case FILE -> replace(tree, step.path(), "file " + number);
                case LINK -> replace(tree, step.path(), "link to" + number);
                default -> makeFolder(tree, step.path());
            }
        }
    }

    private static void makeFolder(Map<String, String> tree, String path) {
        if (!"folder".equals(tree.get(path))) {
            replace(tree, path, "folder");
        }
    }

    private static void replace(Map<String, String> tree, String path, String node) {
        removeAll(tree, path, true);
        tree.put(path, node);
    }

    private static void removeAll(Map<String, String> tree, String path, boolean itself) {
        tree.keySet().removeIf(each -> each.startsWith(path + "/") || (itself && each.equals(path)));
    }

    @Property(tries = 60, seed = "-4665889144757057608")
    void mergedIsWhatTheLayersSay(@ForAll("stacks") List<List<Step>> stack) throws IOException {
        TreeMap<String, String> expected = new TreeMap<>();
        List<byte[]> layers = new ArrayList<>();
        for (List<Step> steps : stack) {
            apply(steps, layers.size(), expected);
            layers.add(layer(steps, layers.size()));
        }
        try (TestStore test = new TestStore()) {
            StoredImage image = test.add("stack:1", layers.toArray(byte[][]::new));
            Path root = test.store().snapshots().prepare(image.id().toString(), "k");
            assertEquals(expected, tree(root));
        }
    }

    private static Map<String, String> tree(Path root) throws IOException {
        Map<String, String> tree = new TreeMap<>();
        try (Stream<Path> all = Files.walk(root)) {
            for (Path each : all.skip(1).toList()) {
                String node = Files.isSymbolicLink(each)
                        ? "link " + Files.readSymbolicLink(each)
                        : Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS)
                                ? "folder"
                                : "file " + Files.readString(each);
                tree.put(root.relativize(each).toString(), node);
            }
        }
        return tree;
    }
}
