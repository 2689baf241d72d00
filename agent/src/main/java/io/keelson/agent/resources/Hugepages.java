package io.keelson.agent.resources;

import io.fabric8.kubernetes.api.model.Quantity;
import io.keelson.controllers.objects.Milli;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes of huge pages, as resources, as files of the kernel, and in bytes. */
final class Hugepages {
    private static final String RESOURCE = "hugepages-";
    private static final Pattern FOLDER = Pattern.compile("hugepages-(\\d{1,15})kB");
    private static final String[] UNITS = {"B", "KB", "MB", "GB", "TB", "PB"};

    private Hugepages() {}

    /**
     * The sizes that a machine has, in bytes.
     *
     * @param folder {@code /sys/kernel/mm/hugepages}; none means none
     */
    static List<Long> ofMachine(Path folder) throws IOException {
        List<Long> sizes = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                Matcher name = FOLDER.matcher(String.valueOf(entry.getFileName()));
                if (name.matches()) {
                    sizes.add(Long.parseLong(name.group(1)) * 1024);
                }
            }
        } catch (NoSuchFileException e) {
            return List.of();
        }
        Collections.sort(sizes);
        return sizes;
    }

    /** As the kernel names its files, and CRI its sizes: {@code 2MB}, {@code 1GB}. */
    static String name(long bytes) {
        long size = bytes;
        int unit = 0;
        while (size % 1024 == 0 && size > 0 && unit < UNITS.length - 1) {
            size /= 1024;
            unit++;
        }
        return size + UNITS[unit];
    }

    /** How much of each size may be used: what is asked for, and nothing of the machine's other sizes. */
    static Map<Long, Long> limits(Map<String, Long> milliByResource, List<Long> ofMachine) {
        Map<Long, Long> limits = new TreeMap<>();
        ofMachine.forEach(size -> limits.put(size, 0L));
        milliByResource.forEach((name, milli) -> {
            if (name.startsWith(RESOURCE)) {
                long size;
                try {
                    size = PodSums.bytes(Milli.of(new Quantity(name.substring(RESOURCE.length()))));
                } catch (IllegalArgumentException e) {
                    // No size: the API would not have taken it.
                    return;
                }
                limits.put(size, PodSums.bytes(milli));
            }
        });
        return limits;
    }
}
