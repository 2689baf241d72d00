package io.keelson.agent.network;

import io.keelson.controllers.objects.IpAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which sandbox has which address: a file for each address, named after it, in which the sandbox's id stands. A file is written
 * beside and then linked to its name, which the file system does for one writer only; so an address is never given twice,
 * whoever dies when, and whoever else uses the folder. The map in memory only saves looking.
 *
 * <p>Addresses are taken in turn, so that one that was given back is not given away again at once, while others still remember
 * whose it was.
 */
final class AddressBook {
    private static final Logger LOG = LoggerFactory.getLogger(AddressBook.class);
    private static final String WRITING = ".writing";

    private final Path folder;
    private final Map<IpAddress, String> owners = new HashMap<>();
    private final Map<AddressRange, Integer> next = new HashMap<>();

    /**
     * Reads what is in a folder, which is made if it is not there.
     *
     * @throws IOException if that cannot be done
     */
    AddressBook(Path folder) throws IOException {
        this.folder = folder;
        Files.createDirectories(folder);
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                IpAddress address = IpAddress.parse(String.valueOf(file.getFileName()));
                if (address != null) {
                    read(file, address);
                }
            }
        }
    }

    private void read(Path file, IpAddress address) throws IOException {
        try {
            String owner = owner(file);
            if (owner.isEmpty()) {
                // The machine lost its power before the name reached the disk, and with it all sandboxes.
                Files.delete(file);
            } else {
                owners.put(address, owner);
            }
        } catch (NoSuchFileException e) {
            LOG.debug("{} was given back meanwhile", address);
        }
    }

    private static String owner(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.UTF_8).strip();
    }

    /**
     * An address of each range for a sandbox; those that it has already.
     *
     * @throws NetworkProblem if there is none left
     */
    synchronized List<IpAddress> take(String sandbox, List<AddressRange> ranges) throws NetworkProblem {
        List<IpAddress> taken = new ArrayList<>();
        for (AddressRange range : ranges) {
            taken.add(take(sandbox, range));
        }
        return taken;
    }

    private IpAddress take(String sandbox, AddressRange range) throws NetworkProblem {
        for (Map.Entry<IpAddress, String> known : owners.entrySet()) {
            if (known.getValue().equals(sandbox) && range.prefix().contains(known.getKey())) {
                return known.getKey();
            }
        }
        int begin = next.computeIfAbsent(range, this::afterLast);
        for (int i = 0; i < range.size(); i++) {
            int index = (begin + i) % range.size();
            IpAddress address = range.pod(index);
            if (!owners.containsKey(address) && isTaken(address, sandbox)) {
                next.put(range, index + 1);
                return address;
            }
        }
        throw new NetworkProblem("all " + range.size() + " addresses of " + range.prefix() + " are in use: this node"
                + " has no room for another pod on its network");
    }

    /** After a start it goes on behind the highest that is in use, which was most likely given last. */
    private int afterLast(AddressRange range) {
        int last = 0;
        for (int i = 0; i < range.size(); i++) {
            last = owners.containsKey(range.pod(i)) ? i + 1 : last;
        }
        return last;
    }

    private boolean isTaken(IpAddress address, String sandbox) throws NetworkProblem {
        Path file = file(address);
        Path writing = folder.resolve(sandbox + WRITING);
        try {
            Files.writeString(writing, sandbox + '\n', StandardCharsets.UTF_8);
            try {
                Files.createLink(file, writing);
                owners.put(address, sandbox);
                return true;
            } catch (FileAlreadyExistsException e) {
                owners.put(address, owner(file));
                return false;
            } finally {
                Files.deleteIfExists(writing);
            }
        } catch (IOException e) {
            throw new NetworkProblem("writing down that " + address + " is in use: " + problem(e), e);
        }
    }

    private static String problem(IOException e) {
        return e.getClass().getSimpleName() + ": " + e.getMessage();
    }

    private Path file(IpAddress address) {
        return folder.resolve(address.toString());
    }

    /** The addresses of a sandbox. */
    synchronized List<IpAddress> of(String sandbox) {
        return owners.entrySet().stream()
                .filter(known -> known.getValue().equals(sandbox))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** The sandboxes that have an address. */
    synchronized Set<String> sandboxes() {
        return new HashSet<>(owners.values());
    }

    /**
     * Gives the addresses of a sandbox back; right if it has none.
     *
     * @throws NetworkProblem if that cannot be written down; to be tried again
     */
    synchronized void release(String sandbox) throws NetworkProblem {
        try {
            Files.deleteIfExists(folder.resolve(sandbox + WRITING));
        } catch (IOException e) {
            throw new NetworkProblem("forgetting that " + sandbox + " wanted an address: " + problem(e), e);
        }
        for (IpAddress address : of(sandbox)) {
            try {
                // Somebody else may have given it back, and away, meanwhile.
                if (owner(file(address)).equals(sandbox)) {
                    Files.delete(file(address));
                }
            } catch (NoSuchFileException e) {
                // It is back.
                owners.remove(address);
                continue;
            } catch (IOException e) {
                throw new NetworkProblem("writing down that " + address + " is free: " + problem(e), e);
            }
            owners.remove(address);
        }
    }
}
