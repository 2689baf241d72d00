package io.keelson.scheduler.state;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Numbers for the images that nodes have, so that a node's are a short array, and how many nodes have each. An image is
 * a name and a size: where a name means images of several sizes, as it does on machines of several kinds, each has its
 * number. Numbers of images that no node has any more are given again.
 */
final class ImageTable {
    static final int[] NONE = {};

    private final Map<String, Image> byName = new HashMap<>();
    private final List<@Nullable Image> byNumber = new ArrayList<>();
    private final List<Integer> free = new ArrayList<>();

    /** One image, and the next one of the same name. */
    private static final class Image {
        private final String name;
        private final long bytes;
        private final int number;
        private int nodes;
        private @Nullable Image next;

        Image(String name, long bytes, int number) {
            this.name = name;
            this.bytes = bytes;
            this.number = number;
        }
    }

    /**
     * A node has these images from now on.
     *
     * @param images sizes in bytes by name
     * @return their numbers in order
     */
    int[] add(Map<String, Long> images) {
        if (images.isEmpty()) {
            return NONE;
        }
        int[] numbers = new int[images.size()];
        int used = 0;
        for (Map.Entry<String, Long> entry : images.entrySet()) {
            Image image = image(entry.getKey(), entry.getValue());
            image.nodes++;
            numbers[used++] = image.number;
        }
        Arrays.sort(numbers);
        return numbers;
    }

    private Image image(String name, long bytes) {
        Image first = byName.get(name);
        for (Image each = first; each != null; each = each.next) {
            if (each.bytes == bytes) {
                return each;
            }
        }
        int number = free.isEmpty() ? byNumber.size() : free.removeLast();
        Image added = new Image(first == null ? name : first.name, bytes, number);
        added.next = first;
        byName.put(added.name, added);
        if (number == byNumber.size()) {
            byNumber.add(added);
        } else {
            byNumber.set(number, added);
        }
        return added;
    }

    /** A node that had the images of these numbers has them no more. */
    void remove(int[] numbers) {
        for (int number : numbers) {
            Image image = Objects.requireNonNull(byNumber.get(number), "a number that a node has is in use");
            if (--image.nodes == 0) {
                forget(image);
            }
        }
    }

    private void forget(Image gone) {
        Image first = Objects.requireNonNull(byName.get(gone.name), "each image has its name");
        if (first != gone) {
            Image before = first;
            while (before.next != gone) {
                before = Objects.requireNonNull(before.next, "each image is among those of its name");
            }
            before.next = gone.next;
        } else if (gone.next != null) {
            byName.put(gone.name, gone.next);
        } else {
            byName.remove(gone.name);
        }
        byNumber.set(gone.number, null);
        free.add(gone.number);
    }

    /** How many nodes have an image of a name. */
    int nodesWith(String name) {
        int nodes = 0;
        for (Image each = byName.get(name); each != null; each = each.next) {
            nodes += each.nodes;
        }
        return nodes;
    }

    /**
     * How large an image is on a node.
     *
     * @param numbers of the node's images
     * @return in bytes; -1 if it is not there
     */
    long bytes(int[] numbers, String name) {
        for (Image each = byName.get(name); each != null; each = each.next) {
            if (Arrays.binarySearch(numbers, each.number) >= 0) {
                return each.bytes;
            }
        }
        return -1;
    }

    /** Sizes in bytes by name. */
    Map<String, Long> images(int[] numbers) {
        Map<String, Long> images = new HashMap<>();
        for (int number : numbers) {
            Image image = Objects.requireNonNull(byNumber.get(number), "a number that a node has is in use");
            images.put(image.name, image.bytes);
        }
        return images;
    }
}
