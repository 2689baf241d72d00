@NullMarked
package io.keelson.cloud.file;

import org.jspecify.annotations.NullMarked;
