@NullMarked
package io.keelson.cloud.service;

import org.jspecify.annotations.NullMarked;
