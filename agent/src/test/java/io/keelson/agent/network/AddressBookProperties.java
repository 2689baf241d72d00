package io.keelson.agent.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.keelson.controllers.objects.IpAddress;
import io.keelson.controllers.objects.IpPrefix;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class AddressBookProperties {
    private static AddressRange range(String text) {
        return new AddressRange(Objects.requireNonNull(IpPrefix.parse(text)));
    }

    private static Path folder() throws IOException {
        return Files.createTempDirectory("addresses");
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    @Property(tries = 60)
    void noAddressIsGivenTwiceWhoeverDiesWhen(@ForAll long seed) throws IOException {
        Random random = new Random(seed);
        List<AddressRange> ranges = List.of(range("10.0.0.0/28"), range("fd00::/124"));
        Path folder = folder();
        try {
            AddressBook book = new AddressBook(folder);
            Map<String, List<IpAddress>> model = new HashMap<>();
            for (int step = 0; step < 60; step++) {
                String sandbox = "pod-" + random.nextInt(20);
                switch (random.nextInt(4)) {
                    case 0 -> book = new AddressBook(folder);
                    case 1 -> {
                        book.release(sandbox);
                        model.remove(sandbox);
                    }
                    default -> {
                        boolean fits = model.containsKey(sandbox) || model.size() < 13;
                        try {
                            List<IpAddress> taken = book.take(sandbox, ranges);
                            List<IpAddress> before = model.putIfAbsent(sandbox, taken);
                            assertEquals(before == null ? taken : before, taken);
                            assertTrue(fits);
                        } catch (NetworkProblem e) {
                            assertFalse(fits);
                        }
                    }
                }
                Set<IpAddress> all = new HashSet<>();
                model.values().forEach(all::addAll);
                assertEquals(2 * model.size(), all.size());
                assertEquals(model.keySet(), book.sandboxes());
            }
        } catch (NetworkProblem e) {
            throw new AssertionError(e);
        } finally {
            delete(folder);
        }
    }

    @Example
    void twoWhoUseOneFolderGiveNoAddressTwice() throws Exception {
        Path folder = folder();
        try {
            List<AddressRange> ranges = List.of(range("10.0.0.0/24"));
            Set<IpAddress> given = ConcurrentHashMap.newKeySet();
            List<Thread> threads = new ArrayList<>();
            for (int owner = 0; owner < 4; owner++) {
                AddressBook book = new AddressBook(folder);
                String name = "owner-" + owner + "-";
                threads.add(Thread.ofVirtual().start(() -> {
                    for (int i = 0; i < 50; i++) {
                        try {
                            assertTrue(given.addAll(book.take(name + i, ranges)));
                        } catch (NetworkProblem e) {
                            throw new AssertionError(e);
                        }
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(200, given.size());
        } finally {
            delete(folder);
        }
    }

    @Example
    void anAddressOfNobodyIsFreeAgain() throws Exception {
        Path folder = folder();
        try {
            Files.writeString(folder.resolve("10.0.0.2"), "");
            Files.writeString(folder.resolve("10.0.0.3"), "pod\n");
            Files.writeString(folder.resolve("not-an-address"), "pod\n");
            AddressBook book = new AddressBook(folder);
            assertEquals(Set.of("pod"), book.sandboxes());
            assertFalse(Files.exists(folder.resolve("10.0.0.2")));
        } finally {
            delete(folder);
        }
    }

    @Example
    void theFirstAddressIsTheGatewaysAndTheLastIsNobodys() {
        AddressRange small = range("10.0.0.248/29");
        assertEquals("10.0.0.249", small.gateway().toString());
        assertEquals(5, small.size());
        assertEquals("10.0.0.250", small.pod(0).toString());
        assertEquals("10.0.0.254", small.pod(4).toString());
        AddressRange large = range("fd00:1::/64");
        assertEquals("fd00:1::1", large.gateway().toString());
        assertEquals("fd00:1::fffe", large.pod(large.size() - 1).toString());
        assertEquals("255.255.255.254", range("255.255.255.248/29").pod(4).toString());
        assertEquals("0.0.0.2", range("0.0.0.0/24").pod(0).toString());
    }
}
