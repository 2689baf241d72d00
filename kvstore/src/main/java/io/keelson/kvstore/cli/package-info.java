/** The kv command line: what etcdctl offers, with its flags, formats and exit codes. */
@NullMarked
package io.keelson.kvstore.cli;

import org.jspecify.annotations.NullMarked;
