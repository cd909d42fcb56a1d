// The ready-made log sink. The library itself never prints: a user who wants lines on standard error asks for this.
#include <memory>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <conclave/config.hpp>

namespace conclave {
namespace {

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

LogSink standard_error_log(LogLevel level) {
  // A logger of our own, in no registry: a host that uses spdlog itself keeps its settings.
  auto logger = std::make_shared<spdlog::logger>("conclave", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  logger->set_level(level_of(level));
  return [logger](LogLevel at, std::string_view line) { logger->log(level_of(at), "{}", line); };
}

}  // namespace conclave
