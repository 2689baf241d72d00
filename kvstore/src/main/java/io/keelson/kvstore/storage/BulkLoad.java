package io.keelson.kvstore.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.EnvOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileWriter;

/**
 * Fills tables of an empty database with rows that are in order already: they are written as the files that they end up
 * in, once, past memtables and compaction. Nothing of it is there before {@link #finish}, and then all of a table at once.
 * One thread.
 */
public final class BulkLoad implements AutoCloseable {
    private static final long FILE_BYTES = 64L << 20;
    private static final int ROWS_BETWEEN_LOOKS = 1024;

    private final RocksResources resources;
    private final RocksInstance instance;
    private final Path folder;
    private final Map<Table, TableFiles> tables = new EnumMap<>(Table.class);

    BulkLoad(RocksResources resources, RocksInstance instance, Path folder) {
        this.resources = resources;
        this.instance = instance;
        this.folder = folder;
    }

    /** The files of one table. */
    private final class TableFiles implements AutoCloseable {
        private final Table table;
        private final DBOptions databaseOptions = resources.databaseOptions();
        private final ColumnFamilyOptions tableOptions;
        private final Options options;
        private final EnvOptions environment = new EnvOptions();
        private final List<String> complete = new ArrayList<>();
        private @Nullable SstFileWriter writer;
        private long rows;

        TableFiles(Table table) {
            this.table = table;
            tableOptions = resources.tableOptions(table);
            options = new Options(databaseOptions, tableOptions);
        }

        void add(byte[] key, byte[] value) throws RocksDBException {
            SstFileWriter open = writer;
            if (open == null) {
                open = new SstFileWriter(environment, options);
                writer = open;
                String name = folder.resolve(table.columnFamily() + "-" + complete.size() + ".sst")
                        .toString();
                open.open(name);
                complete.add(name);
            }
            open.put(key, value);
            if (++rows % ROWS_BETWEEN_LOOKS == 0 && open.fileSize() >= FILE_BYTES) {
                endFile();
            }
        }

        void endFile() throws RocksDBException {
            if (writer != null) {
                writer.finish();
                writer.close();
                writer = null;
            }
        }

        @Override
        public void close() {
            if (writer != null) {
                writer.close();
            }
            environment.close();
            options.close();
            tableOptions.close();
            databaseOptions.close();
        }
    }

    /**
     * Adds a row to a table.
     *
     * @param key after those added to the same table before
     * @throws StorageException if it cannot be written
     */
    public void add(Table table, byte[] key, byte[] value) {
        try {
            tables.computeIfAbsent(table, TableFiles::new).add(key, value);
        } catch (RocksDBException e) {
            throw StorageException.of("writing files of table " + table.columnFamily(), e);
        }
    }

    /** Makes the rows part of the database. */
    public void finish() {
        for (TableFiles files : tables.values()) {
            try {
                files.endFile();
            } catch (RocksDBException e) {
                throw StorageException.of("writing files of table " + files.table.columnFamily(), e);
            }
            instance.ingest(files.table, files.complete);
            files.complete.clear();
        }
    }

    /** Lets go of what is open, and removes files that did not become part of the database. */
    @Override
    public void close() throws IOException {
        for (TableFiles files : tables.values()) {
            files.close();
            for (String left : files.complete) {
                Files.deleteIfExists(Path.of(left));
            }
        }
        tables.clear();
    }
}
